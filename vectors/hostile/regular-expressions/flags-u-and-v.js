// Two readings of Unicode at once are refused.
// expect: contract.failed SyntaxError
return new RegExp("a", "uv");
