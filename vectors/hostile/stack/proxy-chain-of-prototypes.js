// As prototypes of each other.
// expect: contract.stack_overflow
let o = null;
for (let i = 0; i < 4000; i++) o = new Proxy(Object.create(o), {});
return "x" in o;
