// JSON asks a proxy as any other code would.
// expect: passes {"a":"a!"}
return JSON.stringify(new Proxy({ a: 1 }, { get: (_, key) => (key === "toJSON" ? undefined : `${String(key)}!`) }));
