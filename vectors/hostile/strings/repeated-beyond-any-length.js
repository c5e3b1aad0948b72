// A length that nothing can have is a lack of memory.
// expect: contract.out_of_memory
return "ab".repeat(2 ** 30);
