// Bits hidden in a number that is none.
// expect: contract.failed MalformedOutput
// form: message
return Uint8Array.of(0x41, ..."secret".split("").map((c) => c.charCodeAt(0)), 0xf1, 0x7f);
