// Walking through arrays is as it was.
// expect: contract.failed TypeError
Array.prototype[Symbol.iterator] = function* () { yield "trap"; };
