// Nor is what lies above the last plane.
// expect: contract.failed TypeError
const bytes = new Uint8Array(4); bytes.set([0xf4, 0x90, 0x80, 0x80]);
return new TextDecoder().decode(bytes).length;
