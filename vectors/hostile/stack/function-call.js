// Calls by the function's own method.
// expect: contract.stack_overflow
function f() { return f.call.call(f); }
return f();
