// Only methods have something above them.
// expect: loading contract.failed SyntaxError
return function () { return super.toString(); };
