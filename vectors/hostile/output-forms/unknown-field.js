// A field that the type does not have is kept as it came, for a newer party's message must not lose it by being copied.
// expect: passes bytes fa 3f 03 01 02 03
// form: message
return Uint8Array.from([0xfa, 0x3f, 3].concat([1, 2, 3]));
