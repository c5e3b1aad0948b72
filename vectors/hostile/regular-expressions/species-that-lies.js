// The constructor that splitting asks for makes something else than an expression.
// expect: contract.failed TypeError
const one = /a/;
Object.defineProperty(one, "constructor", { value: { [Symbol.species]: function () { return {}; } } });
return "bab".split(one);
