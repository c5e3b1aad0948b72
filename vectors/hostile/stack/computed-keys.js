// Names of properties that call.
// expect: contract.stack_overflow
const f = () => ({ [f()]: 1 });
return f();
