// Taking two of an endless iterator ends it.
// expect: passes 0 1 ended
let state = "running";
const [a, b] = (function* () { try { for (let i = 0; ; i++) yield i; } finally { state = "ended"; } })();
return `${a} ${b} ${state}`;
