// The target of a construction is unknown to a plain arrow at the top.
// expect: loading contract.failed SyntaxError
// form: module
const target = () => new.target;
export const describe = () => "", load = () => {}, call = () => new Uint8Array(0);
