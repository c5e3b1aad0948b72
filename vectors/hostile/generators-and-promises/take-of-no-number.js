// A count that is no number.
// expect: contract.failed RangeError
return [].values().take(NaN);
