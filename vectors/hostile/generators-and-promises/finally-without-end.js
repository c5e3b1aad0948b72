// What it has to finish never ends.
// expect: contract.out_of_fuel
for (const _ of (function* () { try { yield 1; } finally { for (;;); } })()) break;
