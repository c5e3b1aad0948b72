// Different bit patterns of no number cannot be told apart once they were read.
// expect: passes true
const view = new DataView(new ArrayBuffer(16));
view.setBigUint64(0, 0x7ff8000000000001n); view.setBigUint64(8, 0xfff8dead00000000n);
return Object.is(view.getFloat64(0), view.getFloat64(8));
