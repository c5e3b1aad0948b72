// Tags that call themselves.
// expect: contract.stack_overflow
const f = () => f`${f}`;
return f();
