// A view with elements cannot be frozen.
// expect: contract.failed TypeError
Object.freeze(new Uint8Array(1));
