// Each turn makes a promise nobody waits for; it is let go of, and the turns are paid.
// expect: contract.out_of_fuel
for (;;) (async () => { await new Promise(() => {}); })();
