// Nor a text.
// expect: contract.failed TypeError
// form: bytes
return "bytes";
