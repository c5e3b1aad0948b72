// Below zero the bits count from the top.
// expect: passes 18446744073709551615 4294967295
return `${BigInt.asUintN(64, -1n)} ${BigInt.asUintN(32, -1n)}`;
