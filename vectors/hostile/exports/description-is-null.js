// Nor one that is nothing.
// expect: contract.invalid
// form: contract
export const describe = () => JSON.stringify(null);
export const load = () => {}, call = () => new Uint8Array(0);
