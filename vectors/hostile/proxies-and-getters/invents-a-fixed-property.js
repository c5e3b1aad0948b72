// Nor invent one that cannot be changed.
// expect: contract.failed TypeError
return Object.getOwnPropertyDescriptor(new Proxy({}, { getOwnPropertyDescriptor: () => ({ value: 1, configurable: false }) }), "a");
