// A generator does not yield while it takes its parameters.
// expect: loading contract.failed SyntaxError
function* g(a = yield) {} return g;
