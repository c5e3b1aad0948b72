// A method of one kind refuses objects of another.
// expect: contract.failed TypeError
Map.prototype.get.call(new Set([1]), 1);
