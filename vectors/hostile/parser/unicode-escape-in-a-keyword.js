// A keyword with an escape in it is no keyword.
// expect: loading contract.failed SyntaxError
v\u0061r hidden = 1; return hidden;
