// Parameters whose defaults call.
// expect: contract.stack_overflow
const f = (a = f()) => a;
return f();
