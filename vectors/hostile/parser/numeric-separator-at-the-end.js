// A separator joins digits and ends none.
// expect: loading contract.failed SyntaxError
return 1_;
