// Proxies of functions are functions.
// expect: passes from a trap
// form: module
export const describe = () => "", load = () => {};
export const call = new Proxy(() => {}, { apply: () => new TextEncoder().encode("from a trap") });
