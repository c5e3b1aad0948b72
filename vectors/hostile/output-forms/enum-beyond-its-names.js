// A value of an enum that has no name is still one of an open enum.
// expect: passes bytes 48 63
// form: message
return Uint8Array.of(...[9 << 3, 99]);
