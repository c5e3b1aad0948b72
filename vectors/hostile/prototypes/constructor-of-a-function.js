// The constructor that every function leads to works inside of the contract alone.
// expect: passes object
return (() => {}).constructor("return typeof globalThis")();
