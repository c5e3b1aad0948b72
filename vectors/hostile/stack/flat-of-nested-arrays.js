// Flattening them.
// expect: contract.stack_overflow
let list = [];
for (let i = 0; i < 12000; i++) list = [list, 1];
return list.flat(Infinity).length;
