// Two parameters of one name are refused in strict code.
// expect: loading contract.failed SyntaxError
return ((a, a) => a)(1, 2);
