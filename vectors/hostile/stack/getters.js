// Getters.
// expect: contract.stack_overflow
const o = { get a() { return this.b; }, get b() { return this.a; } };
return o.a;
