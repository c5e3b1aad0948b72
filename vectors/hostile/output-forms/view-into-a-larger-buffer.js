// Of a view, only what it sees comes out.
// expect: passes bytes 02 03
// form: bytes
return new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
