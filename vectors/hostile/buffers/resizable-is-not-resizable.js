// Asked to be resizable, a buffer still keeps its size.
// expect: passes undefined 8
const buffer = new ArrayBuffer(8, { maxByteLength: 64 });
return `${buffer.resize} ${buffer.byteLength}`;
