// A message in two parts, which readers merge.
// expect: contract.failed MalformedOutput
// form: message
const part = (...inner) => [0x2a, inner.length, ...inner];
return new Uint8Array(part(8, 1).concat(part(0x12, 1, 0x61)));
