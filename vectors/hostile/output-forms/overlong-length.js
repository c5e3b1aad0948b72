// A length with bytes to spare.
// expect: contract.failed MalformedOutput
// form: message
const length = [0x81, 0x00];
return Uint8Array.from([0x12].concat(length, 0x61));
