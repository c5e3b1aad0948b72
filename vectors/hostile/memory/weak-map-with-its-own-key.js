// A value of a weak map that holds its own key is freed with it.
// expect: contract.out_of_fuel
const weak = new WeakMap();
for (;;) { const key = {}; weak.set(key, { key, data: new Uint8Array(20000) }); }
