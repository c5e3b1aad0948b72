// A small view of a large buffer is small.
// expect: passes bytes 00
// form: bytes
return new Uint8Array(new ArrayBuffer(1024 * 1024), 1024 * 512, 1);
