// Padding to a length that nothing can have.
// expect: contract.out_of_memory
return "x".padStart(2 ** 31 - 1, "ab");
