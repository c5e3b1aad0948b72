// An object without prototype has no text.
// expect: contract.failed TypeError
return Object.create(null);
