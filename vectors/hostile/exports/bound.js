// Bound functions.
// expect: passes 3
// form: module
const three = (a, b, c) => new TextEncoder().encode(String([a, b, c].filter((x) => x !== undefined).length));
export const describe = () => "", load = () => {};
export const call = three.bind(null, 1, 2);
