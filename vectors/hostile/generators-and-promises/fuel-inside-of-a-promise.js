// Nor does the function that makes one.
// expect: contract.out_of_fuel
new Promise(() => { for (;;); });
return "went on";
