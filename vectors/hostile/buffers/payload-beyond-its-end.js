// The host's buffer ends where the values end.
// expect: contract.failed RangeError
// form: module
let given;
export const describe = () => "";
export const load = (index, payload) => { given = payload; };
export const call = () => new Uint8Array(given, 0, given.byteLength + 1);
