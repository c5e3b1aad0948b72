// Offset and length whose sum wraps around.
// expect: contract.failed RangeError
return new DataView(new ArrayBuffer(8), 4, 2 ** 32 - 2).byteLength;
