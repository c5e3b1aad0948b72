// A module cannot export by name what it does not declare, built in or not.
// expect: loading contract.failed SyntaxError
// form: module
export const describe = String, load = Object;
export { Uint8Array as call };
