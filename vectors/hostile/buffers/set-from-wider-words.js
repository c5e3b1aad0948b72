// And between views of different width on one buffer.
// expect: passes 1,2,0,0
const bytes = Uint8Array.of(1, 0, 2, 0);
bytes.set(new Uint16Array(bytes.buffer));
bytes.fill(0, 2);
return bytes.join();
