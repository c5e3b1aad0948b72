// The value is asked for while the copy is not made yet.
// expect: passes 9,5
const bytes = Uint8Array.of(1, 2);
return bytes.with(1, { valueOf() { bytes[0] = 9; return 5; } }).join();
