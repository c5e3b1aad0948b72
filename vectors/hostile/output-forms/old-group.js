// A group, which the type has none of.
// expect: contract.failed MalformedOutput
// form: message
const group = (inner) => [0x0b, ...inner, 0x0c];
return Uint8Array.from(group([0x08, 1]));
