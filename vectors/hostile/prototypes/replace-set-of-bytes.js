// Nor the one that copies the result.
// expect: contract.failed TypeError
Object.getPrototypeOf(Uint8Array.prototype).set = function () {};
