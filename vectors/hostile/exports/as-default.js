// An object of three functions as the default is no export of three.
// expect: loading contract.failed TypeError
// form: module
export default { describe: () => "", load: () => {}, call: () => new Uint8Array(0) };
