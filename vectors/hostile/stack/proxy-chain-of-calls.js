// Called.
// expect: contract.stack_overflow
let f = () => 1;
for (let i = 0; i < 4000; i++) f = new Proxy(f, {});
return f();
