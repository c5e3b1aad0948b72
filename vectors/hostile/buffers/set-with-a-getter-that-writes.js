// The source writes to the target while it is read.
// expect: passes 9,5,0
const bytes = new Uint8Array(3);
bytes.set({ length: 2, get 0() { bytes[2] = 0; return 9; }, get 1() { return 5; } });
return bytes.join();
