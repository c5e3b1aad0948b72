// A field twice, of which the last counts.
// expect: contract.failed MalformedOutput
// form: message
return new Uint8Array([1, 2].flatMap((n) => [0x08, n]));
