// Each match is replaced by all that stands before it: the square of the length, and then no memory.
// expect: contract.out_of_memory
let text = "ab".repeat(3000);
for (;;) text = text.replace(/b/g, "$`");
