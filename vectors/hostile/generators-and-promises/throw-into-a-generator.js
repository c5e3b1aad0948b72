// An error thrown in may be swallowed.
// expect: passes swallowed
const it = (function* () { try { yield; } catch { yield "swallowed"; } })();
it.next();
return it.throw(new Error("x")).value;
