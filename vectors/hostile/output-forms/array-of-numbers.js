// Nor an array of numbers.
// expect: contract.failed TypeError
// form: bytes
return [1, 2, 3];
