// Without an anchor a search begins at every letter: not exponential, and still paid.
// expect: contract.out_of_fuel
return /\s+$/.test(" ".repeat(20000) + "x");
