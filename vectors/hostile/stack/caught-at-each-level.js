// Not at any level: else one could find the depth.
// expect: contract.stack_overflow
const f = () => { try { return f(); } catch { return f(); } finally { f(); } };
return f();
