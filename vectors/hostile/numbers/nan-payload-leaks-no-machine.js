// The bits that no number gives when it is written are the same on every machine.
// expect: passes 7ff8000000000000
const view = new DataView(new ArrayBuffer(8));
view.setFloat64(0, 0 / 0);
return view.getBigUint64(0).toString(16);
