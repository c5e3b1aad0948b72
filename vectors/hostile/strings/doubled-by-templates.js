// The same by a template.
// expect: contract.out_of_memory
let text = "x";
for (;;) text = `${text}${text}`;
