// A place cannot be given another kind.
// expect: contract.failed TypeError
Object.defineProperty(new Uint8Array(1), 0, { get: () => 1 });
