// Bits are taken modulo 2^32, whatever the size.
// expect: passes 0 -1 -2147483648 1 0
return [2 ** 32 | 0, 2 ** 53 - 1 | 0, 2 ** 31 | 0, 1 << 32, 1e300 | 0].join(" ");
