// And from the right.
// expect: contract.out_of_fuel
const hay = "a".repeat(100000), needle = "b" + "a".repeat(50000);
let found = 0;
for (;;) found += hay.lastIndexOf(needle);
