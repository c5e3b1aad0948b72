// A generator that never ends, and a loop that wants it all.
// expect: contract.out_of_fuel
let sum = 0;
for (const n of (function* () { for (let i = 0; ; i++) yield i; })()) sum += n;
