// A key named for the prototype is a key like others; it never becomes a prototype.
// expect: passes bytes 22 0d 0a 09 5f 5f 70 72 6f 74 6f 5f 5f 10 01
// form: message
const key = new TextEncoder().encode("__proto__");
return Uint8Array.from([0x22, key.length + 4, 0x0a, key.length, ...key, 0x10, 1]);
