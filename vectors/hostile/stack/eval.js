// Code that evaluates itself.
// expect: contract.stack_overflow
const code = "eval(code)";
return eval(code);
