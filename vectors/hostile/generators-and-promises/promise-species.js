// The constructor that then asks for may be any function that takes an executor; without one it is refused.
// expect: contract.failed TypeError
const promise = Promise.resolve(1);
Object.defineProperty(promise, "constructor", { value: { [Symbol.species]: function () {} } });
promise.then();
