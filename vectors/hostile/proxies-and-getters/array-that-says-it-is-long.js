// A proxy around an array with another length: its elements are asked for one by one.
// expect: contract.out_of_fuel
return new Proxy([], { get: (target, key) => (key === "length" ? 2 ** 53 - 1 : target[key]) }).indexOf(1);
