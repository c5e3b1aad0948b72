// A message in a message.
// expect: passes bytes 2a 02 08 01
// form: message
const inner = [0x08, 1];
return new Uint8Array([0x2a, inner.length].concat(inner));
