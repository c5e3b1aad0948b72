// But the value at the end of loading counts, not the first.
// expect: passes second
// form: module
export const describe = () => "", load = () => {};
export let call = () => new TextEncoder().encode("first");
call = () => new TextEncoder().encode("second");
