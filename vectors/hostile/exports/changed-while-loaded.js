// What is exported is taken once, when the bundle has loaded: a later change of the variable is not seen.
// expect: passes first
// form: module
export const describe = () => "";
export let call = () => new TextEncoder().encode("first");
export const load = () => { call = () => new TextEncoder().encode("second"); };
