// It is asked with fuel of its own.
// expect: contract.out_of_fuel
// form: describe
export const describe = () => { do; while (1); };
export const load = () => {}, call = () => new Uint8Array(0);
