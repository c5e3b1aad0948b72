// Of a comparison of numbers.
// expect: contract.stack_overflow
const f = () => Int16Array.of(2, 1).toSorted(() => f()[0]);
return f();
