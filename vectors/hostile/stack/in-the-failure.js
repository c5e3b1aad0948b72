// Or while its failure is told.
// expect: contract.stack_overflow
const error = {};
Object.defineProperty(error, "message", { get() { return error.message; } });
throw error;
