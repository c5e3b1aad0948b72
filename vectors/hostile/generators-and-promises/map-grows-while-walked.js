// A map to which is added while it is walked is never at its end.
// expect: contract.out_of_memory
const map = new Map([[0, 0]]);
for (const [n] of map) map.set(n + 1, new Uint8Array(1000));
