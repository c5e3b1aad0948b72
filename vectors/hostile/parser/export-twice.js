// A name is exported once.
// expect: loading contract.failed SyntaxError
// form: module
export const call = () => new Uint8Array(0);
const other = call;
export { other as call };
export const describe = () => "", load = () => {};
