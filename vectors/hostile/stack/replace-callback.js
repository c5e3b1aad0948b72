// Of a replacement by an expression.
// expect: contract.stack_overflow
const f = (s) => s.replace(/./g, f);
return f("ab");
