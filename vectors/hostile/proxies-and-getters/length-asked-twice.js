// A length that is an object is asked twice, and may not change its mind.
// expect: contract.failed RangeError
let n = 1;
[].length = { valueOf: () => n++ };
