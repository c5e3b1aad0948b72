// A view must lie within its buffer.
// expect: contract.failed RangeError
return new Uint8Array(new ArrayBuffer(8), 4, 5).length;
