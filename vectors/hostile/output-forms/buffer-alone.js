// Nor a buffer without a view.
// expect: contract.failed TypeError
// form: bytes
return new ArrayBuffer(3);
