// A range of letters the wrong way around.
// expect: contract.failed SyntaxError
return eval(`/[z-a]/`);
