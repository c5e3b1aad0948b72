// And so do views of one buffer.
// expect: contract.out_of_memory
const { buffer } = new Uint8Array(1), kept = new Set();
for (;;) kept.add(new DataView(buffer));
