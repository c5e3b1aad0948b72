// A lookahead backtracks inside as everything else does.
// expect: contract.out_of_fuel
return /^(?=(x+x+)+y)x/.test("x".repeat(50));
