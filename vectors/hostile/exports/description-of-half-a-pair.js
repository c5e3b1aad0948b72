// A text with half a surrogate pair is no text that could be kept; it is refused.
// expect: contract.failed TypeError
// form: describe
export const describe = () => `{${String.fromCharCode(0xd800)}}`;
export const load = () => {}, call = () => new Uint8Array(0);
