// Delegation that goes one deeper with each value.
// expect: contract.stack_overflow
function* deeper(n) { yield n; yield* deeper(n + 1); }
for (const n of deeper(0)) if (n < 0) return n;
