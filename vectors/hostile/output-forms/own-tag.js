// Nor an own tag.
// expect: passes bytes 08
// form: bytes
return Object.defineProperty(Uint8Array.of(8), Symbol.toStringTag, { value: "Float64Array" });
