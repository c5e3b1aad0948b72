// A stack at its end is not caught.
// expect: contract.stack_overflow
let depth = 0;
const f = () => { depth++; f(); };
try { f(); } catch { /* now try something else */ }
return depth;
