// The stack ends there as anywhere.
// expect: at load contract.stack_overflow
// form: module
export const describe = () => "", call = () => new Uint8Array(0);
export const load = (index, payload) => load(payload, index) && 1;
