// A call at the end of a function is a call like others.
// expect: contract.stack_overflow
const down = (n) => (n === 0 ? "bottom" : down(n - 1));
return down(1e9);
