// An overlong form of a slash is no UTF-8.
// expect: contract.failed TypeError
return new TextDecoder().decode(Uint8Array.of(0xc0, 0xaf));
