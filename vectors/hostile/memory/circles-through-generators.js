// And through generators that stand still.
// expect: contract.out_of_fuel
for (;;) { const box = {}; box.it = (function* () { yield box; yield new Uint8Array(1); })(); box.it.next(); box.data = new Uint8Array(20000); }
