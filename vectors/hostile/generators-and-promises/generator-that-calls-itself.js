// A generator cannot be resumed while it runs.
// expect: contract.failed TypeError
const it = (function* () { it.next(); })();
it.next();
