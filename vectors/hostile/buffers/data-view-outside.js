// A data view says so.
// expect: contract.failed RangeError
return new DataView(new ArrayBuffer(8)).getUint32(5);
