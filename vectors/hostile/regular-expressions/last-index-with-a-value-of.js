// A position that is an object is asked for its number once, and may throw.
// expect: contract.failed EvalError
const all = /a/g;
all.lastIndex = { valueOf() { throw new EvalError("mine"); } };
return all.test("a");
