// What the host gave lies in the contract's own memory; a write changes nothing for the next run.
// expect: passes 0 0
// form: module
let given;
export const describe = () => "";
export const load = (index, payload) => { given = new Uint8Array(payload); };
export const call = () => new TextEncoder().encode(`${given.length} ${given.byteOffset}`);
