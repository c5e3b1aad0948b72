// The canonical form of a message passes.
// expect: passes bytes 08 01 12 02 c3 a4
// form: message
return Uint8Array.of(0x08, 1, 0x12, 2, 0xc3, 0xa4);
