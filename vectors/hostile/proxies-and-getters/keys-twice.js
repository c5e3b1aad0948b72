// A list that names a key twice is refused.
// expect: contract.failed TypeError
return Reflect.ownKeys(new Proxy({}, { ownKeys: () => ["a", "a"] }));
