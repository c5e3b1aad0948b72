// Functions are there before the code around them.
// expect: passes hoisted
// form: module
export const load = () => {}, describe = () => "";
export { later as call };
function later() { return new TextEncoder().encode(word()); }
function word() { return "hoisted"; }
