// A chain that finds nothing in an endless source.
// expect: contract.out_of_fuel
return (function* () { for (;;) yield 1; })().flatMap(() => []).next().done;
