// Nor give another value for it.
// expect: contract.failed TypeError
return new Proxy(Object.freeze({ a: 1 }), { get: () => 2 }).a;
