// And takes large ones modulo 2^64.
// expect: passes -1 18446744073709551615 -9223372036854775808
return [BigInt64Array.of(2n ** 64n - 1n)[0], BigUint64Array.of(-1n)[0], BigInt64Array.of(2n ** 63n)[0]].join(" ");
