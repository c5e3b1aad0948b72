// A list that is one long chain.
// expect: contract.out_of_memory
let list = null;
for (;;) list = { next: list };
