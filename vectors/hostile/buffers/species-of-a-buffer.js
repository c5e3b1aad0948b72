// Cutting a buffer may answer with the same one: refused.
// expect: contract.failed TypeError
const buffer = new ArrayBuffer(4);
Object.defineProperty(buffer, "constructor", { value: { [Symbol.species]: function () { return buffer; } } });
return buffer.slice(1).byteLength;
