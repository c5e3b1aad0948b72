// And through promises that nobody fulfils.
// expect: contract.out_of_fuel
for (;;) { const box = { data: new Uint8Array(20000) }; box.waits = new Promise((resolve) => { box.resolve = resolve; }); }
