// The value before its key.
// expect: contract.failed MalformedOutput
// form: message
const key = [0x0a, 1, 0x61], value = [0x10, 1];
return Uint8Array.from([0x22, 5].concat(value, key));
