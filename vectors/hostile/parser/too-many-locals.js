// Each of a function's names is compared with those before: tens of thousands of them are more work than there is fuel for.
// expect: contract.out_of_fuel
let text = "";
for (let i = 0; i < 70000; i++) text += `let v${i}=${i};`;
return new Function(`${text}return v69999`)();
