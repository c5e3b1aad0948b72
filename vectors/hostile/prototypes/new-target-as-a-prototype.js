// A construction with another target gives heirs of that one, frozen or not.
// expect: passes true
const made = Reflect.construct(Uint8Array, [2], Object);
return Object.getPrototypeOf(made) === Object.prototype && ArrayBuffer.isView(made);
