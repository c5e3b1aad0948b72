// An async load returns at once; what it would do later is never done.
// expect: passes not loaded
// form: module
let state = "not loaded";
export const describe = () => "";
export const load = async () => { await 0; state = "loaded"; };
export const call = () => new TextEncoder().encode(state);
