// How many lines a stack has may be chosen; it is the contract's own affair, and what it costs is paid.
// expect: contract.failed RangeError
try { Error.stackTraceLimit = 0; } catch { /* or not */ }
throw new RangeError("without a stack");
