// A line separator ends a comment of one line, so code can hide behind it; it runs with no more rights.
// expect: contract.no_authority fetch
return new Function(`// harmless \u2028 return fetch('x')`)();
