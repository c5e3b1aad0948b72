// Lookaheads in lookaheads.
// expect: contract.stack_overflow
return new RegExp("(?=".repeat(50000) + ")".repeat(50000)).test("");
