// So is copying.
// expect: contract.out_of_fuel
const bytes = new Uint8Array(1 << 20);
for (;;) bytes.copyWithin(1, 0);
