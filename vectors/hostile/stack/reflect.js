// Calls by reflection.
// expect: contract.stack_overflow
const f = () => Reflect.apply(f, undefined, []) + 1;
return f();
