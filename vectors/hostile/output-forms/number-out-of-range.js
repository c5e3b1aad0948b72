// A number of 32 bits with more of them is cut by readers, hence not canonical.
// expect: contract.failed MalformedOutput
// form: message
return new Uint8Array([0x08, ...new Array(4).fill(0xff), 0x1f]);
