// Nor by cloning with a list of what goes along.
// expect: contract.failed ReferenceError
const buffer = new ArrayBuffer(8);
return structuredClone(buffer, { transfer: [buffer] });
