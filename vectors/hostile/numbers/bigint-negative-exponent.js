// So is a negative exponent.
// expect: contract.failed RangeError
return 2n ** -1n;
