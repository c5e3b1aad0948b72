// And one that is pushed into itself, through the arguments of a call.
// expect: contract.out_of_memory
const list = [1, 2, 3];
for (;;) for (const n of [...list]) list.push(n, n);
