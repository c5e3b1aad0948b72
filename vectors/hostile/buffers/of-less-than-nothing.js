// A negative length.
// expect: contract.failed RangeError
return new Uint8Array(-1).length;
