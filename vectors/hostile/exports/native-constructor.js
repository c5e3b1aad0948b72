// A built-in constructor cannot be called without new.
// expect: contract.failed TypeError
// form: module
export const describe = String, load = Object, call = Uint8Array;
