// A tag with bytes to spare.
// expect: contract.failed MalformedOutput
// form: message
const tag = [0x88, 0x80, 0x00];
return Uint8Array.from(tag.concat(1));
