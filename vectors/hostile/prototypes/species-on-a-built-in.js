// What arrays make of themselves is fixed.
// expect: contract.failed TypeError
Object.defineProperty(Array, Symbol.species, { value: Object });
