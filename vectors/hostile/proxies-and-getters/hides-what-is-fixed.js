// A proxy cannot deny a property that its target has for good.
// expect: contract.failed TypeError
return "a" in new Proxy(Object.freeze({ a: 1 }), { has: () => false });
