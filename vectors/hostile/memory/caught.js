// A lack of memory is not caught.
// expect: contract.out_of_memory
for (;;) { try { new Uint8Array(2 ** 29); } catch { /* again */ } }
