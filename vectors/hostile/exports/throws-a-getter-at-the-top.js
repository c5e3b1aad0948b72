// What is thrown while loading may be a trap.
// expect: loading contract.out_of_fuel
// form: module
export const describe = () => "", load = () => {}, call = () => new Uint8Array(0);
throw { get name() { for (;;); } };
