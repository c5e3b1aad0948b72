// The chosen field is written at its default, too.
// expect: passes bytes 30 00
// form: message
return Uint8Array.from(new Set([0x30, 0]));
