// Constructions by reflection.
// expect: contract.stack_overflow
function F() { return Reflect.construct(F, []); }
return new F();
