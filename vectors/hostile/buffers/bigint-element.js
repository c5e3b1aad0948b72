// An array of 64 bits takes no plain number.
// expect: contract.failed TypeError
new BigInt64Array(1)[0] = 1;
