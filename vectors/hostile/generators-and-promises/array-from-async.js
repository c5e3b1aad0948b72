// Made of what is asynchronous, an array is a promise, filled by nobody.
// expect: passes true
const made = Array.fromAsync?.([1, 2]) ?? Promise.resolve();
return made instanceof Promise;
