// A generator begun while loading goes on where it stood.
// expect: passes 2
// form: module
const it = (function* () { yield 1; yield 2; })();
it.next();
export const describe = () => "", load = () => {};
export const call = () => new TextEncoder().encode(String(it.next().value));
