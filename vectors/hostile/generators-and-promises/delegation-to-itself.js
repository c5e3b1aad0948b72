// A generator that delegates to another of its kind.
// expect: contract.stack_overflow
function* deep() { yield* deep(); }
return [...deep()].length;
