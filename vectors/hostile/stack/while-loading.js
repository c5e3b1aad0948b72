// The stack ends while the bundle loads.
// expect: loading contract.stack_overflow
// form: module
export const describe = () => "", load = () => {}, call = () => new Uint8Array(0);
const f = () => [f()];
f();
