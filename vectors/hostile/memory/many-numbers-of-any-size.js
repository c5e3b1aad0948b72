// Integers, each a bit longer than the one before.
// expect: contract.out_of_memory
const kept = [];
for (let n = 1n; ; n <<= 8n) kept.push(n);
