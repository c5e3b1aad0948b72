// Joined from the arguments of a call.
// expect: contract.out_of_memory
let text = "x".repeat(1000);
for (;;) text = text.concat(text, text, text);
