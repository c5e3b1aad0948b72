// Sorting needs room for all elements again.
// expect: contract.out_of_memory
const list = Array.from({ length: 200000 }, (_, i) => -i);
return list.toSorted((a, b) => a - b)[0];
