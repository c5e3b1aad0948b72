// Keys of weak maps are objects and symbols that nobody can find again by name.
// expect: contract.failed TypeError
new WeakMap().set(Symbol.for("found again"), 1);
