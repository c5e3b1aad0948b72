// Many small buffers cost more than their bytes.
// expect: contract.out_of_memory
const kept = [];
for (;;) kept.push(new Uint8Array(1));
