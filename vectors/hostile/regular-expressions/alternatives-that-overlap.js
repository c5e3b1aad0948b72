// Alternatives that can both match cost as much as nested repetitions.
// expect: contract.out_of_fuel
return /^(a|aa|a?a)+$/.test("a".repeat(100) + "!");
