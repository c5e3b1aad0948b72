// Copies into what is frozen fail.
// expect: contract.failed TypeError
const list = [1];
list.constructor = { [Symbol.species]: function () { return Object.freeze([]); } };
list.concat([2]);
