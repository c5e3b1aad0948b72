// Nor may a default value look at the parameters behind it.
// expect: contract.failed ReferenceError
return ((a = b, b = 1) => a + b)();
