// Dividing long numbers is paid by their lengths.
// expect: contract.out_of_fuel
const a = (1n << 400000n) - 1n, b = (1n << 200000n) - 3n;
let n = 0n;
for (;;) n += a / b;
