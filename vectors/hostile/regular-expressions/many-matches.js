// All matches of a text of many letters are an array that the heap pays for.
// expect: contract.out_of_memory
return "ab".repeat(1e6).match(/./g).length;
