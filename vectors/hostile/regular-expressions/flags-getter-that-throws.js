// Flags are read from the object when it matches all.
// expect: contract.failed URIError
const one = /a/;
Object.defineProperty(one, "flags", { get() { throw new URIError("flags"); } });
return [..."a".matchAll(one)];
