// Three repetitions in a row are the cube of the length.
// expect: contract.out_of_fuel
return /.*.*.*=.*$/s.test("x".repeat(2000));
