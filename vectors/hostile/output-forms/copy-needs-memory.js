// The copy of the result is paid from the contract's memory.
// expect: contract.out_of_memory
// form: bytes
const kept = new Uint8Array(2.5 * 1024 * 1024);
return kept;
