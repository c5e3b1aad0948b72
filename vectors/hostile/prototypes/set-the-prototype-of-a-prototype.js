// The chain itself is fixed.
// expect: contract.failed TypeError
Object.setPrototypeOf(Array.prototype, { 0: "trap" });
