// A load that never ends spends the execution's fuel.
// expect: at load contract.out_of_fuel
// form: module
export const describe = () => "", call = () => new Uint8Array(0);
export const load = () => { while (true); };
