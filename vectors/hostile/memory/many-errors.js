// Errors with their stacks.
// expect: contract.out_of_memory
const kept = [];
for (let i = 0; ; i++) kept.push(new RangeError("kept".repeat(1000) + i));
