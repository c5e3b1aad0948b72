// Or whose stack is its own getter.
// expect: contract.stack_overflow
throw { get stack() { return this.stack + 1; } };
