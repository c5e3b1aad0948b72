// A search that fails late at each place.
// expect: contract.out_of_fuel
const hay = "a".repeat(100000), needle = "a".repeat(50000) + "b";
let found = 0;
for (;;) found += hay.indexOf(needle);
