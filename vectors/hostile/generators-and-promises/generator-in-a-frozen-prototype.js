// The prototype of generators cannot be given another step.
// expect: contract.failed TypeError
const { prototype } = Object.getPrototypeOf(function* () {});
Object.getPrototypeOf(prototype).next = () => ({ done: true });
