// Bound with an argument each time.
// expect: contract.stack_overflow
let f = (...all) => all.length;
for (let i = 0; i < 2500; i++) f = Object.defineProperty(f.bind(null, i), "name", { value: 0 });
return f();
