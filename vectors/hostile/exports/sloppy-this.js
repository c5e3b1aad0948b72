// A sloppy function that is called on nothing gets the frozen global object.
// expect: passes true
// form: module
export const describe = () => "", load = () => {};
const inner = new Function("return this === globalThis && Object.isFrozen(this)");
export const call = () => new TextEncoder().encode(String((0, inner)()));
