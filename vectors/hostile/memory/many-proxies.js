// Proxies around proxies.
// expect: contract.out_of_memory
let o = {};
for (;;) o = new Proxy(o, {});
