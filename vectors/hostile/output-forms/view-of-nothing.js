// A view of nothing at the end of a buffer.
// expect: passes bytes
// form: bytes
const bytes = new Uint8Array(4).fill(9);
return bytes.subarray(4);
