// Nor does a tag make bytes of floats.
// expect: contract.failed TypeError
// form: bytes
return Object.defineProperty(Float64Array.of(8), Symbol.toStringTag, { value: "Uint8Array" });
