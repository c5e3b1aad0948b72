// A number with bytes to spare.
// expect: contract.failed MalformedOutput
// form: message
return Uint8Array.from([8, 0x81, 0x80, 0]);
