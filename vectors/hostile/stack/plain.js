// A function that calls itself.
// expect: contract.stack_overflow
const f = () => 1 + f();
return f();
