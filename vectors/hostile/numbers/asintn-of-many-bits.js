// A width far beyond the number changes nothing.
// expect: passes -5
return BigInt.asIntN(2 ** 53 - 1, -5n);
