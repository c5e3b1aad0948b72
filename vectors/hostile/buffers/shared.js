// Nothing is shared between threads.
// expect: contract.no_authority SharedArrayBuffer
return new SharedArrayBuffer(8).byteLength;
