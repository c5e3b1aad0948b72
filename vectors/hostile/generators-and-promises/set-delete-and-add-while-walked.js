// An element taken out and put in again comes again, without more memory.
// expect: contract.out_of_fuel
const set = new Set([1]);
for (const n of set) { set.delete(n); set.add(n); }
