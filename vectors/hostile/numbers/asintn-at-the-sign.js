// The highest bit is the sign.
// expect: passes -128 127 -1 0
return [BigInt.asIntN(8, 128n), BigInt.asIntN(8, 127n), BigInt.asIntN(1, 1n), BigInt.asIntN(0, 5n)].join(" ");
