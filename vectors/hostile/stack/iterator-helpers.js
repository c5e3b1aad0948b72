// Helpers upon helpers, asked for one value.
// expect: contract.stack_overflow
let it = [1].values();
for (let i = 0; i < 4000; i++) it = it.map((x) => x);
return it.next().value;
