// The text of a function is parsed alone: a brace cannot close it and run code while it is made.
// expect: contract.failed SyntaxError
return new Function(`}, 1, function () {`)();
