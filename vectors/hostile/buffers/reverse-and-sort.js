// Turning around and sorting without a comparison.
// expect: contract.out_of_fuel
const words = new Float64Array(100000);
for (;;) words.reverse().sort();
