// Nor can the step be replaced, whose prototype no name leads to.
// expect: contract.failed TypeError
Object.getPrototypeOf([][Symbol.iterator]()).next = () => ({ done: true });
