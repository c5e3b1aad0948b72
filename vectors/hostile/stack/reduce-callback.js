// Of a reduction.
// expect: contract.stack_overflow
const f = () => [1, 2, 3].reduceRight((a) => f() + a);
return f();
