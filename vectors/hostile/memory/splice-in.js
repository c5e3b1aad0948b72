// Elements put in at the front move all others, which is work before it is memory.
// expect: contract.out_of_fuel
const list = [];
for (;;) list.splice(0, 0, {}, {}, {}, {});
