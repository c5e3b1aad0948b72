// A view of words begins at a multiple of its word.
// expect: contract.failed RangeError
return new Uint32Array(new ArrayBuffer(8), 2).length;
