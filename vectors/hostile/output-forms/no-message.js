// Bytes that are no message.
// expect: contract.failed MalformedOutput
// form: message
return new Uint8Array(4).fill(0xff);
