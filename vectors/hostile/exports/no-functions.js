// The three are functions.
// expect: loading contract.failed TypeError
// form: module
export const describe = "{}", load = {}, call = new Uint8Array(1);
