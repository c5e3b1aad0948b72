// Nor one that only carries the tag.
// expect: contract.failed TypeError
// form: bytes
return { [Symbol.toStringTag]: "Uint8Array", length: 1, 0: 1, byteLength: 1, byteOffset: 0 };
