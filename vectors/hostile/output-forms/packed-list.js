// Packed, it passes.
// expect: passes bytes 1a 02 01 02
// form: message
const items = [1, 2];
return Uint8Array.of(0x1a, items.length, ...items);
