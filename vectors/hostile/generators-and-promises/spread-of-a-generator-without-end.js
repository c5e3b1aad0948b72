// Spread, it fills the heap.
// expect: contract.out_of_memory
return [...(function* () { for (;;) yield 1; })()].length;
