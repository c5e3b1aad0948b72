// Setters.
// expect: contract.stack_overflow
const o = { set a(v) { this.a = v + 1; } };
o.a = 1;
