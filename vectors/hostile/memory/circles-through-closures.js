// Circles through functions too.
// expect: contract.out_of_fuel
for (;;) { let f = () => f; f.data = new Uint8Array(20000); }
