// Putting a stack on something else is either not possible or harmless.
// expect: passes own
const o = { stack: "own" };
try { Error.captureStackTrace?.(Object.freeze(o)); } catch { /* a frozen object takes none */ }
return o.stack;
