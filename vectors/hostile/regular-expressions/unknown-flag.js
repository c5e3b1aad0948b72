// A flag twice, or one that does not exist, is refused.
// expect: contract.failed SyntaxError
return eval(`/a/gg`);
