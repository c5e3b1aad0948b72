// Nor do jobs run between loading and calling.
// expect: passes before
// form: module
let state = "before";
Promise.resolve().then(() => { state = "after"; });
export const describe = () => "", load = () => {};
export const call = () => new TextEncoder().encode(state);
