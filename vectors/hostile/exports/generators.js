// A generator as a function gives a generator and no bytes.
// expect: contract.failed TypeError
// form: module
export const describe = () => "", load = () => {};
export function* call() { yield new Uint8Array(1); }
