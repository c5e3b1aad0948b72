// Nor by making it one that cannot change.
// expect: contract.failed TypeError
const bytes = new Uint8Array(8);
const fixed = bytes.buffer.transferToImmutable();
return `${fixed.byteLength} ${bytes.length}`;
