// Widths that end inside of a machine word, for negatives of several words.
// expect: passes 3f ffffffffffffffffff
return `${BigInt.asUintN(6, -(2n ** 200n) - 1n).toString(16)} ${BigInt.asUintN(72, -(1n << 80n) - 1n).toString(16)}`;
