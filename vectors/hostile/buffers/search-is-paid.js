// Looking for what is not there.
// expect: contract.out_of_fuel
const bytes = new Uint8Array(1 << 20);
for (;;) bytes.indexOf(1);
