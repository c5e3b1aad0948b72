// A proxy around the global object sees no more than the object.
// expect: passes undefined
return new Proxy(globalThis, {}).process;
