// Patterns in patterns: the parser itself bounds how far it looks ahead.
// expect: contract.failed SyntaxError
const open = "[".repeat(1e5), close = "]".repeat(1e5);
eval(`let ${open}a${close} = ${open}1${close}`);
