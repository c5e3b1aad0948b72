// A buffer as large as the address space.
// expect: contract.out_of_memory
return new ArrayBuffer(2 ** 31 - 1).byteLength;
