// Each question is asked of a fresh instance.
// expect: passes 1
// form: describe
let n = 0;
export const describe = () => String(++n);
export const load = () => {}, call = () => new Uint8Array(0);
