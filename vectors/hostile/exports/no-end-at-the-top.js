// The top of a module that never ends spends the fuel for loading.
// expect: loading contract.out_of_fuel
// form: module
export const describe = () => "", load = () => {}, call = () => new Uint8Array(0);
for (;;);
