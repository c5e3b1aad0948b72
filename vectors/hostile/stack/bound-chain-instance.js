// Asked for its instances.
// expect: contract.stack_overflow
let f = class {};
for (let i = 0; i < 2500; i++) f = Object.defineProperty(f.bind(null), "name", { value: 0 });
return ({}) instanceof f;
