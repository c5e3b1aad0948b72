// Asking for an iterator asks for an iterator.
// expect: contract.stack_overflow
const o = { [Symbol.iterator]() { const [x] = o; return x; } };
return [...o];
