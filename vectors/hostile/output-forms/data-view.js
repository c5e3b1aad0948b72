// Nor a view of no elements.
// expect: contract.failed TypeError
// form: bytes
return new DataView(new ArrayBuffer(2));
