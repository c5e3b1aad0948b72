// An array of a million letters is more than the heap.
// expect: contract.out_of_memory
return "ab".repeat(1e6).split("").length;
