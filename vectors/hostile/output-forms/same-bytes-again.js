// Bytes that change after they were given do not change what was taken.
// expect: passes bytes 01
// form: bytes
const bytes = Uint8Array.of(1);
Promise.resolve().then(() => bytes.fill(9));
return bytes;
