// What is denied is denied while loading.
// expect: loading contract.no_authority performance
// form: module
export const started = performance.now();
export const describe = () => "", load = () => {}, call = () => new Uint8Array(0);
