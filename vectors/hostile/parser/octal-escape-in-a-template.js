// A template must not hold an octal escape.
// expect: loading contract.failed SyntaxError
return `\07`;
