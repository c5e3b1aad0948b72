// Words lie with the small end first, on every machine.
// expect: passes 4,3,2,1 1,2,3,4
const view = new DataView(new ArrayBuffer(4));
view.setUint32(0, 0x01020304);
return `${new Uint8Array(Uint32Array.of(0x01020304).buffer).join()} ${new Uint8Array(view.buffer).join()}`;
