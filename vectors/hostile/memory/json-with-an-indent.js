// Depth makes the indent of each line grow.
// expect: contract.out_of_memory
let deep = [];
for (let i = 0; i < 200; i++) deep = [deep, deep.length === 0 ? [] : Array.from({ length: 40 }, () => 1), Array.from({ length: 100 }, () => [])];
return JSON.stringify(deep, null, "          ").repeat(20).length;
