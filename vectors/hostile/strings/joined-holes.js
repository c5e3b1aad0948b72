// Joining an array that has only a length.
// expect: contract.out_of_memory
return new Array(2 ** 32 - 1).join("ab".repeat(100));
