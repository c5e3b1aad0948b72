// A class that does not close.
// expect: contract.failed SyntaxError
return RegExp(`[a-`);
