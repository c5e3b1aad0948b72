// An export named for the prototype is none.
// expect: passes undefined
// form: module
const trap = { call: () => new Uint8Array(1) };
export { trap as __proto__ };
export const describe = () => "", load = () => {}, call = () => new TextEncoder().encode(String({}.call));
