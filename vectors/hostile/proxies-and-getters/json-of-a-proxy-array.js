// A proxy of an array is written as one, as long as it says.
// expect: passes [0,1,2]
return JSON.stringify(new Proxy([], { get: (_, key) => (key === "length" ? 3 : key === "toJSON" ? undefined : Number(key)) }));
