// A module that waits for a promise never finishes loading.
// expect: loading contract.failed TypeError
// form: module
await new Promise(() => {});
export const describe = () => "", load = () => {}, call = () => new Uint8Array(0);
