// Taken from its place and called on a built-in heir, it is refused by that one's being frozen.
// expect: contract.failed TypeError
const { set } = Object.getOwnPropertyDescriptor(Object.prototype, "toString");
set.call(Array, () => "trap");
