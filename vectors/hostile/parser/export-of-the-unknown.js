// A name that nothing declares cannot be exported.
// expect: loading contract.failed SyntaxError
// form: module
export { call };
export const describe = () => "", load = () => {};
