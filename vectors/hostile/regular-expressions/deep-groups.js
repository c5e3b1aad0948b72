// Groups nested beyond the stack end the run or are refused, and nothing else.
// expect: contract.stack_overflow
return new RegExp("(?:".repeat(50000) + "x" + ")".repeat(50000));
