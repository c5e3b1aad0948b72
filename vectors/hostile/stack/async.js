// Async functions that call each other before they wait.
// expect: contract.stack_overflow
const f = async () => { await f(); };
return f();
