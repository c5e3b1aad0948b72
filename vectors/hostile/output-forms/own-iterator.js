// Nor does an own iterator change what is copied.
// expect: passes bytes 01
// form: bytes
const bytes = Uint8Array.of(1);
Object.defineProperty(bytes, Symbol.iterator, { value: function* () { yield* [6, 6, 6]; } });
return bytes;
