// More groups than the interpreter numbers is refused, not wrapped around.
// expect: contract.failed SyntaxError
return new RegExp("()".repeat(300)).exec("").length;
