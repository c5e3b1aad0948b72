// Throwing nothing while loading is a failure like any other.
// expect: loading contract.failed thrown value
// form: module
export const describe = () => "", load = () => {}, call = () => new Uint8Array(0);
throw undefined;
