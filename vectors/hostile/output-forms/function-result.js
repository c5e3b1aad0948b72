// A function that would give bytes gives none.
// expect: contract.failed TypeError
// form: bytes
return () => new Uint8Array(1);
