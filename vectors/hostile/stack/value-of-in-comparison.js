// Comparing.
// expect: contract.stack_overflow
const o = { valueOf: () => (o < o ? 1 : 0) };
return o > 1;
