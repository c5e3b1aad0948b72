// Whole numbers of 64 bits and floating ones do not mix.
// expect: contract.failed TypeError
class Odd extends Uint8Array { static get [Symbol.species]() { return BigInt64Array; } }
return new Odd(2).map((n) => n);
