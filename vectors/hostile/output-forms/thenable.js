// Nor is something awaited.
// expect: contract.failed TypeError
// form: bytes
return { then: (give) => give(new Uint8Array(1)) };
