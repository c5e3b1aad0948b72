// A range whose end is before its begin.
// expect: contract.failed SyntaxError
return eval(`/a{2,1}/`);
