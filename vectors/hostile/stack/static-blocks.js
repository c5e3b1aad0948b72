// Static blocks of classes in functions.
// expect: contract.stack_overflow
const f = () => class { static { f(); } };
return f();
