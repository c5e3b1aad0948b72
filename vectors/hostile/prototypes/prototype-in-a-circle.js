// A chain has an end.
// expect: contract.failed TypeError
const a = {}, b = Object.create(a);
Object.setPrototypeOf(a, b);
