// Objects in circles are found and freed: this goes on until fuel ends.
// expect: contract.out_of_fuel
for (;;) { const a = { data: new Uint8Array(10000) }; a.self = a; }
