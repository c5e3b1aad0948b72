// Generators that walk through each other.
// expect: contract.stack_overflow
const walk = function* (n) { for (const x of walk(n + 1)) yield x; };
return walk(0).next().value;
