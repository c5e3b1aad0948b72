// Letters that cannot be seen are no part of a name.
// expect: contract.failed SyntaxError
return new Function(`let a\u200b = 1; return a\u200b`)();
