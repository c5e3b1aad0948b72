// And questions in questions.
// expect: contract.stack_overflow
return eval("1?".repeat(1e5) + "1" + ":0".repeat(1e5));
