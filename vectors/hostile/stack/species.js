// The constructor that a copy asks for makes a copy.
// expect: contract.stack_overflow
const list = [1];
list.constructor = { get [Symbol.species]() { return list.map((x) => x); } };
return list.map((x) => x);
