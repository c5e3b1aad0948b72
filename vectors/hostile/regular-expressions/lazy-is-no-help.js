// Lazy repetitions backtrack as far as greedy ones.
// expect: contract.out_of_fuel
return /^(?:(?:ab?)*?c?)*?$/.test("ab".repeat(60) + "!");
