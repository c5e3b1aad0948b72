// Nor in the old way.
// expect: contract.failed TypeError
Array.prototype.__defineGetter__("0", () => "trap");
