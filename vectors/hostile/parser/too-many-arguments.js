// A call of more arguments than the interpreter counts never loses some of them.
// expect: contract.failed SyntaxError
return new Function("f", `return f(${"1,".repeat(70000)})`)((...all) => all.length);
