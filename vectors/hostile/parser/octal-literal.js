// Old octal numbers are refused in strict code.
// expect: loading contract.failed SyntaxError
const mode = 017; return mode;
