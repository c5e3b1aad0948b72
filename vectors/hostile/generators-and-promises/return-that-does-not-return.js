// A generator may refuse to be ended.
// expect: passes 2 false
const it = (function* () { try { yield 1; } finally { yield 2; } })();
it.next();
const { value, done } = it.return(9);
return `${value} ${done}`;
