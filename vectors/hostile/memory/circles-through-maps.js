// And through maps.
// expect: contract.out_of_fuel
for (;;) { const map = new Map(); map.set(map, { map, data: new Uint8Array(20000) }); }
