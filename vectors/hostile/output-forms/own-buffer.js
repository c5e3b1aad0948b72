// Nor an own buffer.
// expect: passes bytes 07
// form: bytes
const secret = new Uint8Array(1000).fill(9);
return Object.defineProperties(Uint8Array.of(7), { buffer: { value: secret.buffer }, byteOffset: { value: 500 } });
