// The registry of symbols is a place to leave something, but only for the same run.
// expect: passes undefined
return String(Symbol.keyFor(Symbol("left")));
