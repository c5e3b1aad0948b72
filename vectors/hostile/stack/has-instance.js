// Asking for an instance.
// expect: contract.stack_overflow
const o = { [Symbol.hasInstance]: (x) => x instanceof o };
return 1 instanceof o;
