// An array's length takes whole numbers of 32 bits only.
// expect: contract.failed RangeError
[].length = 2 ** 32;
