// The bundle fills its memory while it loads.
// expect: loading contract.out_of_memory
// form: module
export const describe = () => "", load = () => {}, call = () => new Uint8Array(0);
export const table = Array.from({ length: 1e6 }, (_, i) => [i]);
