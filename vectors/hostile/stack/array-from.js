// An array made by a function that makes an array.
// expect: contract.stack_overflow
const f = () => Array.from({ length: 1 }, f);
return f();
