// The oldest one: two repetitions over the same letters.
// expect: contract.out_of_fuel
return /^(a+)+$/.test("a".repeat(64) + "!");
