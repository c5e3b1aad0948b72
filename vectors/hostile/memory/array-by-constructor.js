// An array made with a length and mapped: holes are skipped, not for free.
// expect: contract.out_of_fuel
return new Array(2 ** 32 - 1).map(() => 1).length;
