// A negative number in an endless width does not fit into memory.
// expect: contract.failed RangeError
return BigInt.asUintN(2 ** 53 - 1, -1n);
