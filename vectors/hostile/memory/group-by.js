// A group for each element.
// expect: contract.out_of_memory
return Map.groupBy((function* () { for (;;) yield new Uint8Array(5000); })(), (bytes) => bytes).size;
