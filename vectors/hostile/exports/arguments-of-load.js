// What load is given: a text and a buffer of the values.
// expect: passes string ArrayBuffer 0 2
// form: module
let seen;
export const describe = () => "";
export function load(index, payload) { seen = `${typeof index} ${payload.constructor.name} ${payload.byteLength} ${arguments.length}`; }
export const call = () => new TextEncoder().encode(seen);
