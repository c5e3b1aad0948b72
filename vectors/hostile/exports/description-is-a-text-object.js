// And no object around one.
// expect: contract.failed TypeError
// form: describe
export const describe = () => new String("{}");
export const load = () => {}, call = () => new Uint8Array(0);
