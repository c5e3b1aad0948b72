// An own frozen object stays frozen for the accessor.
// expect: contract.failed TypeError
Object.freeze({}).valueOf = 1;
