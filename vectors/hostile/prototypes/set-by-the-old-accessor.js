// The accessor of the old name, taken from its place.
// expect: contract.failed TypeError
const { set } = Object.getOwnPropertyDescriptor(Object.prototype, "__proto__");
set.call(Uint8Array.prototype, {});
