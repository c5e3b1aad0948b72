// Or while it describes itself.
// expect: contract.stack_overflow
// form: describe
export const describe = () => describe() + "";
export const load = () => {}, call = () => new Uint8Array(0);
