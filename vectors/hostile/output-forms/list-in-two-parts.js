// Packed in two parts.
// expect: contract.failed MalformedOutput
// form: message
const part = (n) => [0x1a, 1, n];
return Uint8Array.from([part(1), part(2)].flat());
