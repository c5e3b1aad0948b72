// A frozen expression cannot remember where it was.
// expect: contract.failed TypeError
Object.freeze(/a/g).test("a");
