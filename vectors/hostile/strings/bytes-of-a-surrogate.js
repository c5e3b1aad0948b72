// A surrogate encoded as three bytes is none either.
// expect: contract.failed TypeError
return new TextDecoder("utf-8").decode(new Uint8Array([0xed, 0xa0, 0x80]));
