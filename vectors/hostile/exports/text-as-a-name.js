// Names of exports may be any text.
// expect: passes strange
// form: module
const strange = () => new TextEncoder().encode("strange");
export { strange as "call", strange as "not a name" };
export const describe = () => "", load = () => {};
