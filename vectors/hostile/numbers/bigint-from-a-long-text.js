// And reading one.
// expect: contract.out_of_fuel
const digits = "7".repeat(200000);
let n = 0n;
for (;;) n ^= BigInt(digits);
