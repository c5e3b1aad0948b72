// Division by zero is an error.
// expect: contract.failed RangeError
return 1n % 0n;
