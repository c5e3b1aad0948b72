// An object that never becomes a value.
// expect: contract.failed TypeError
return +{ valueOf: () => ({}), toString: () => ({}) };
