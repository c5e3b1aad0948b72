// Turning an object into a value.
// expect: contract.stack_overflow
const o = { [Symbol.toPrimitive]() { return `${o}`; } };
return o * 1;
