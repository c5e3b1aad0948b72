// A view copied onto itself, shifted, copies what was there before.
// expect: passes 1,1,2,3
const bytes = Uint8Array.of(1, 2, 3, 4);
bytes.set(bytes.subarray(0, 3), 1);
return bytes.join();
