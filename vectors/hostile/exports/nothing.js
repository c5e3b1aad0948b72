// A bundle that exports nothing is none.
// expect: loading contract.failed TypeError
// form: module
const call = () => new Uint8Array(0);
