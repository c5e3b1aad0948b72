// Writing with another receiver does not write to the frozen one.
// expect: passes mine
const own = {};
Reflect.set(Object.create(Math), "abs", "mine", own);
return own.abs ?? (Object.defineProperty(own, "abs", { value: "mine" }), own.abs);
