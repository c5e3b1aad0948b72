// Its error is nobody's.
// expect: passes 
// form: module
export const describe = () => "", call = () => new Uint8Array(0);
export const load = async () => { throw new Error("unseen"); };
