// Nor one to come.
// expect: contract.failed TypeError
// form: describe
export async function describe() { return "{}"; }
export const load = () => {}, call = () => new Uint8Array(0);
