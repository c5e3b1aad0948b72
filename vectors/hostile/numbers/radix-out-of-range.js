// Bases go from 2 to 36.
// expect: contract.failed RangeError
return (1).toString(37);
