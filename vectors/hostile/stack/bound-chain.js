// A function bound again and again, called.
// expect: contract.stack_overflow
let f = () => 1;
for (let i = 0; i < 2500; i++) f = Object.defineProperty(f.bind(null), "name", { value: 0 });
return f();
