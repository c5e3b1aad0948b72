// A body whose brace never closes cannot smuggle what comes after it: the whole bundle is refused.
// expect: loading contract.failed SyntaxError
if (true) {
