// Nor name another prototype for what is closed.
// expect: contract.failed TypeError
return Object.getPrototypeOf(new Proxy(Object.preventExtensions({}), { getPrototypeOf: () => Array.prototype }));
