// A number that is longer than any.
// expect: contract.failed MalformedOutput
// form: message
const bytes = new Uint8Array(12).fill(0x80, 1); bytes[0] = 8;
return bytes;
