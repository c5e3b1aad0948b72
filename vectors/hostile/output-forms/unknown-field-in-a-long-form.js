// And its number is in the short form.
// expect: contract.failed MalformedOutput
// form: message
const tag = [0xf8, 0xbf, 0x80, 0x00];
return Uint8Array.from([...tag, 1]);
