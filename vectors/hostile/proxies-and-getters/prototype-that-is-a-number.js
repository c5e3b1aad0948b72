// A prototype is an object or nothing.
// expect: contract.failed TypeError
return Object.getPrototypeOf(new Proxy({}, { getPrototypeOf: () => 1 }));
