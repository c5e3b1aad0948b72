// The same as JSON.
// expect: contract.out_of_memory
let list = ["ab".repeat(1000)];
for (let i = 0; i < 24; i++) list = [list, list];
return JSON.stringify(list).length;
