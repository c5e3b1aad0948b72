// An own exec may lie about its result: only objects and null pass.
// expect: contract.failed TypeError
const one = /a/; Object.defineProperty(one, "exec", { value: () => 1 });
return one.test("a");
