// Names in the registry of symbols are let go of when nobody has the symbol: this goes on until fuel ends.
// expect: contract.out_of_fuel
for (let i = 0; ; i++) Symbol.for("name ".repeat(200) + i);
