// Nor bytes with a sign.
// expect: contract.failed TypeError
// form: bytes
return Int8Array.of(1);
