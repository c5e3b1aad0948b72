// A number that is none, with bits that reading and writing would change or keep: only the one form passes.
// expect: passes bytes 41 00 00 00 00 00 00 f8 7f
// form: message
const view = new DataView(new ArrayBuffer(9));
view.setUint8(0, 0x41); view.setFloat64(1, NaN, true);
return new Uint8Array(view.buffer);
