// Nor one with the prototype and a length of its own.
// expect: contract.failed TypeError
// form: bytes
return Object.create(Uint8Array.prototype, { length: { value: 4 }, buffer: { value: new ArrayBuffer(4) } });
