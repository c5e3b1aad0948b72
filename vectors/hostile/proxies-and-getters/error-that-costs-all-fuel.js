// A failure that never ends being told.
// expect: contract.out_of_fuel
throw { get rule() { for (let i = 0; ; i++); } };
