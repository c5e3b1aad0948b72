// An array made of a length alone is filled.
// expect: contract.out_of_memory
return Array.from({ length: 2 ** 32 - 1 }, () => ({})).length;
