// A width beyond 53 bits is refused.
// expect: contract.failed RangeError
return BigInt.asUintN(2 ** 53, 1n);
