// Symbols as keys of a map.
// expect: contract.out_of_memory
const map = new Map();
for (;;) map.set(Symbol(), 0);
