// A negative count is a mistake.
// expect: contract.failed RangeError
return "ab".repeat(-1);
