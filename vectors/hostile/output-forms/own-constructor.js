// Nor an own constructor with a kind of its own.
// expect: passes bytes 01 02
// form: bytes
const bytes = Uint8Array.of(1, 2);
Object.defineProperty(bytes, "constructor", { value: { get [Symbol.species]() { throw new Error("asked"); } } });
return bytes;
