// A proxy may answer otherwise each time: it is refused.
// expect: contract.failed TypeError
// form: bytes
return new Proxy(new Uint8Array(2), { get: (target, key) => Reflect.get(target, key, target) });
