// Or on nothing.
// expect: contract.failed TypeError
Object.getOwnPropertyDescriptor(Error.prototype, "message").set.call(undefined, 1);
