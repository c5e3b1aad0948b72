// The two kinds of numbers do not mix.
// expect: contract.failed TypeError
return 1n + 1;
