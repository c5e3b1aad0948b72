// But it stands behind all that the type has: in another place it is another form.
// expect: contract.failed MalformedOutput
// form: message
const unknown = [0xf8, 0x3f, 1];
return Uint8Array.from(unknown.concat([0x08, 1]));
