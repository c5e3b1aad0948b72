// Of a comparison.
// expect: contract.stack_overflow
const f = () => [2, 1, 3].sort(() => f().length);
return f();
