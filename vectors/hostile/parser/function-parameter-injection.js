// Neither can a parameter open a comment that the body closes.
// expect: contract.failed SyntaxError
return new Function(`a /*`, `*/ ) { return 1`)(1);
