// Nor does it have a length.
// expect: contract.failed TypeError
return Object.create(Uint8Array.prototype).length;
