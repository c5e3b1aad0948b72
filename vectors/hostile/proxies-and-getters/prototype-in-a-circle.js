// A proxy as its own prototype's prototype: looking for what is not there never ends.
// expect: contract.stack_overflow
const target = {}; const proxy = new Proxy(target, {});
Object.setPrototypeOf(target, Object.create(proxy));
return proxy.missing;
