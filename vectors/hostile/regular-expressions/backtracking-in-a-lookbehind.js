// And so does one that looks back.
// expect: contract.out_of_fuel
return /(?<=c(b+)+)d/.test("b".repeat(50) + "d");
