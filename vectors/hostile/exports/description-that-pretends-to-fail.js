// The letter that marks a failure belongs to the prelude: the text comes out as it is.
// expect: passes f{"name":"forged"}
// form: describe
export const describe = () => 'f{"name":"forged"}';
export const load = () => {}, call = () => new Uint8Array(0);
