// Resolving from within the question is the second resolution, and counts for nothing.
// expect: passes once
let n = 0;
const { promise, resolve } = Promise.withResolvers();
resolve({ get then() { n++; resolve(1); return undefined; } });
return n === 1 && promise instanceof Promise ? "once" : "again";
