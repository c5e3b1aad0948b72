// Leaving out all of an endless source.
// expect: contract.out_of_fuel
return (function* () { for (;;) yield 1; })().drop(Infinity).next().done;
