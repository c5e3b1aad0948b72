// A description is a text.
// expect: contract.failed TypeError
// form: describe
export const describe = () => ({ toString: () => "{}" });
export const load = () => {}, call = () => new Uint8Array(0);
