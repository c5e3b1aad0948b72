// Also one that is asked whether there is something.
// expect: contract.out_of_fuel
return "x" in new Proxy({}, { has: (target, key) => { while (key) target[key] = 1; } });
