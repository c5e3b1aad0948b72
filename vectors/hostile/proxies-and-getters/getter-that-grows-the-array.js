// An array that grows while it is walked by length.
// expect: contract.out_of_memory
const list = [1];
for (const n of list) list.push({ n });
