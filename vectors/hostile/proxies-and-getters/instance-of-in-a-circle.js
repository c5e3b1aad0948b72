// The same, asked by instanceof.
// expect: contract.out_of_fuel
const circle = new Proxy({}, { getPrototypeOf: () => circle });
return circle instanceof class {};
