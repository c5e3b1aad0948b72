// But not one of more than 32 bits.
// expect: contract.failed MalformedOutput
// form: message
return Uint8Array.from([0x48].concat(new Array(7).fill(0xff), 1));
