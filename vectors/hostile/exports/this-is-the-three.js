// The functions are called on an object that holds the three and leads to nothing of the host's.
// expect: passes describe,load,call true
// form: module
export const describe = () => "", load = () => {};
export function call() { return new TextEncoder().encode(`${Reflect.ownKeys(this)} ${Object.getPrototypeOf(this) === Object.prototype}`); }
