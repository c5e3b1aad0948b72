// A bundle may call its own functions as it likes.
// expect: passes 3
// form: module
let n = 0;
export const describe = () => "", load = () => { call(); call(); };
export const call = () => { n++; return new TextEncoder().encode(String(n)); };
