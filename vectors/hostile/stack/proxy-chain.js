// A proxy around a proxy, asked for a property.
// expect: contract.stack_overflow
let o = {};
for (let i = 0; i < 4000; i++) o = new Proxy(o, {});
return o.x;
