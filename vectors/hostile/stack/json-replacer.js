// Of a replacer of JSON.
// expect: contract.stack_overflow
const f = () => JSON.stringify({ a: 1 }, (key, value) => (key === "a" ? f() : value));
return f();
