// Pairs of many properties.
// expect: contract.out_of_memory
const list = new Array(120000).fill(0);
return Object.entries(list).length;
