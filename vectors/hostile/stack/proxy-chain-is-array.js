// Asked whether it is an array, a chain of proxies is gone through without recursion.
// expect: passes true
let o = [];
for (let i = 0; i < 4000; i++) o = new Proxy(o, {});
return Array.isArray(o);
