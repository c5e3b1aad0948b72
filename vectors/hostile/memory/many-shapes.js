// Objects with ever other properties.
// expect: contract.out_of_memory
const kept = [];
for (let i = 0; ; i++) kept.push({ [`p${i}`]: 1, [`q${i}`]: 2 });
