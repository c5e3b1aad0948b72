// One expression used on many texts keeps none of them.
// expect: contract.out_of_fuel
const word = /(\w+) (\w+)/;
for (let i = 0; ; i++) word.exec(`word${i} ${"x".repeat(5000)}`);
