// A copy onto the buffer that is copied moves as bytes do.
// expect: passes 1,1,1,1
const bytes = Uint8Array.of(1, 2, 3, 4);
Object.defineProperty(bytes, "constructor", { value: { [Symbol.species]: function (n) { return new Uint8Array(bytes.buffer, 1, n); } } });
bytes.slice(0, 3);
return bytes.join();
