// Both of two fields of which a message has one.
// expect: contract.failed MalformedOutput
// form: message
const flag = [0x30, 1], raw = [0x3a, 1, 9];
return Uint8Array.from(flag.concat(raw));
