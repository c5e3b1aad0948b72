// A small output that would be much when it is decoded.
// expect: contract.output_too_large
// form: message
const bytes = new Uint8Array(262000);
for (let i = 0; i < bytes.length; i += 2) bytes[i] = 0x52;
return bytes;
