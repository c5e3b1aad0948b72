// An array that doubles.
// expect: contract.out_of_memory
let list = [1];
for (;;) list = list.concat(list);
