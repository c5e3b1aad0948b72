// A list of keys that says it is very long.
// expect: contract.out_of_memory
return Object.keys(new Proxy({}, { ownKeys: () => new Proxy([], { get: (_, key) => (key === "length" ? 2 ** 32 - 1 : key.padStart(1000)) }) }));
