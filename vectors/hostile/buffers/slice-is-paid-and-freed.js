// A copy that is dropped at once needs no memory, but work.
// expect: contract.out_of_fuel
const bytes = new Uint8Array(1 << 20);
for (;;) bytes.slice();
