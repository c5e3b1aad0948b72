// Arrows that return arrows recurse in the parser.
// expect: contract.stack_overflow
return eval("a=>".repeat(1e5) + "1");
