// A number with a fraction is not made whole silently.
// expect: contract.failed RangeError
return BigInt(1.5);
