// Many arguments at once need stack, and end there.
// expect: contract.failed RangeError
return Math.max(...new Array(200000).fill(1));
