// Also before the beginning.
// expect: contract.failed RangeError
return new DataView(new ArrayBuffer(8)).setInt8(-1, 0);
