// Each function holds the one before.
// expect: contract.out_of_memory
let f = () => 0;
for (;;) { const before = f; f = () => before; }
