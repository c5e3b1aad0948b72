// A property that does not exist is a mistake of the source.
// expect: contract.failed SyntaxError
return new RegExp(/\p{Secret=Yes}/.source, "u");
