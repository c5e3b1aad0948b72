// A name must not begin where a number ends.
// expect: loading contract.failed SyntaxError
return 3in [];
