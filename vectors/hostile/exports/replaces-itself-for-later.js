// A function that puts another in its place hurts nobody but itself: the value it gives is its own.
// expect: passes first
// form: module
export const describe = () => "", load = () => {};
export function call() { this.call = () => { for (;;); }; return new TextEncoder().encode("first"); }
