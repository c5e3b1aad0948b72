// An object with ever more properties.
// expect: contract.out_of_memory
const o = {};
for (let i = 0; ; i++) o[`p${i}`] = i;
