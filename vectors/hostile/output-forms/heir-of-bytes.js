// An object that inherits from bytes is none.
// expect: contract.failed TypeError
// form: bytes
return Object.create(new Uint8Array(2));
