// A packed list of nothing.
// expect: contract.failed MalformedOutput
// form: message
return Uint8Array.from(new Map([[0x1a, 0]]).entries().next().value);
