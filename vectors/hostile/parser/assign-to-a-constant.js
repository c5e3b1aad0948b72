// A constant cannot be assigned, not even by destructuring.
// expect: contract.failed TypeError
const limit = 1;
[limit] = [2];
