// What cannot be defined is told by false, not by an error.
// expect: passes false false false
return [Reflect.defineProperty(Math, "x", { value: 1 }), Reflect.set(JSON, "parse", 1), Reflect.deleteProperty(Array.prototype, "map")].join(" ");
