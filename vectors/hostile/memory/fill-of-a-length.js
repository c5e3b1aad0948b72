// Filling it does.
// expect: contract.out_of_memory
const list = []; list.length = 2 ** 31;
list.fill(0);
