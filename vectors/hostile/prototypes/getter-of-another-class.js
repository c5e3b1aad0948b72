// And so does a getter.
// expect: contract.failed TypeError
Reflect.get(Object.getPrototypeOf(new Map()), "size", new Set());
