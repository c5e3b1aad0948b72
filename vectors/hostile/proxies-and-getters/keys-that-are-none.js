// Keys are texts and symbols.
// expect: contract.failed TypeError
return Reflect.ownKeys(new Proxy({}, { ownKeys: () => [1] }));
