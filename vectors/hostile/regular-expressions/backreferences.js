// Repetitions of what was captured before.
// expect: contract.out_of_fuel
return /^(.*)\1*(.*)\2*(.*)\3*$q/s.test("ab".repeat(400));
