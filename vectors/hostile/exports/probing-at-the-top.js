// Asking for it without using it is honest.
// expect: passes undefined undefined function
// form: module
const kinds = [typeof process, typeof document, typeof Math.random].join(" ");
export const describe = () => "", load = () => {}, call = () => new TextEncoder().encode(kinds);
