// A module is strict: nothing can be put into the scope chain.
// expect: loading contract.failed SyntaxError
with ({ n: 1 }) { return n; }
