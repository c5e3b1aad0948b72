// One array in an array in an array: flattened, they multiply.
// expect: contract.out_of_memory
let list = [1, 1, 1, 1];
for (let i = 0; i < 14; i++) list = [list, list, list, list];
return list.flat(Infinity).length;
