// Nothing is assigned through an optional chain.
// expect: loading contract.failed SyntaxError
const o = {}; o?.a = 1;
