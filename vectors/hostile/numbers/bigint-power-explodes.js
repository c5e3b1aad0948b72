// A power of a power.
// expect: contract.failed RangeError
return 2n ** (2n ** 64n);
