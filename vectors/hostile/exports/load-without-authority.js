// What is denied is denied there too.
// expect: at load contract.no_authority crypto
// form: module
export const describe = () => "", call = () => new Uint8Array(0);
export const load = () => crypto.randomUUID();
