// Eight bytes each, so that the product wraps around 32 bits.
// expect: contract.failed RangeError
return new Float64Array(2 ** 29 + 1).length;
