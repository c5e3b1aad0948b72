// Nor can the promise's.
// expect: contract.failed TypeError
Promise.prototype.then = function (f) { f(1); };
