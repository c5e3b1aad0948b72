// And functions in functions.
// expect: contract.stack_overflow
return eval("function f(){".repeat(1e5) + "}".repeat(1e5));
