// Of a walk through a map.
// expect: contract.stack_overflow
const map = new Map([[1, 1]]);
const f = () => map.forEach(f);
f();
