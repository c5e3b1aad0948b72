// Functions compiled again and again, and kept: compiling is dear, and fuel ends before memory.
// expect: contract.out_of_fuel
const kept = [];
for (let i = 0; ; i++) kept.push(new Function("a", `return a + ${i} + "${"x".repeat(200)}"`));
