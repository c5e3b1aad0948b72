// The old comment of HTML is no comment in a module.
// expect: loading contract.failed SyntaxError
<!-- nothing to see
return 1;
