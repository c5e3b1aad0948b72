// A key twice, of which readers keep the last.
// expect: contract.failed MalformedOutput
// form: message
const entry = (n) => [0x22, 5, 0x0a, 1, 0x61, 0x10, n];
return Uint8Array.from([1, 2].flatMap(entry));
