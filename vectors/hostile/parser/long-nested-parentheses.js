// Parentheses nested beyond the stack end the run, uncatchably.
// expect: contract.stack_overflow
try { eval("(".repeat(1e5) + ")".repeat(1e5)); } catch { return "caught"; }
