// Objects that are kept.
// expect: contract.out_of_memory
const kept = [];
for (;;) kept.push({ a: 1, b: 2 });
