// A field written at its default is another form of the same message.
// expect: contract.failed MalformedOutput
// form: message
const bytes = new Uint8Array(2); bytes[0] = 0x08;
return bytes;
