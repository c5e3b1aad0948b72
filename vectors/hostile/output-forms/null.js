// Nor is null.
// expect: contract.failed TypeError
// form: bytes
return null;
