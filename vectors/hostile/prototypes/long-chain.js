// A long chain is walked step by step and paid.
// expect: contract.out_of_fuel
let o = {};
for (let i = 0; i < 10000; i++) o = Object.create(o);
for (;;) o.missing;
