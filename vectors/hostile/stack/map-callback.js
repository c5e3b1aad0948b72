// The function of a map.
// expect: contract.stack_overflow
const f = (x) => [x, x].map(f);
return f(1);
