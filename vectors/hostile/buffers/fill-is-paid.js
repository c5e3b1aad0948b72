// Filling is paid by its length.
// expect: contract.out_of_fuel
const bytes = new Uint8Array(1 << 20);
for (;;) bytes.fill(1);
