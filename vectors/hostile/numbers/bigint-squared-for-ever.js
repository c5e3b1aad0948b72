// Squaring again and again costs what the digits cost, before the longest integer is reached.
// expect: contract.out_of_fuel
let n = 3n;
for (;;) n *= n;
