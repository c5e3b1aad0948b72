// Requests to an async generator queue up; only the first has begun.
// expect: passes 1
let begun = 0;
const it = (async function* () { begun++; await 0; begun++; yield 1; })();
it.next(); it.next(); it.next();
return begun;
