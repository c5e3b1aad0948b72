// But none on the built-in one.
// expect: contract.failed TypeError
Array.prototype[0] = "trap";
