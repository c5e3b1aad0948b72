// In a with statement a getter decides what is hidden.
// expect: passes 7
return new Function("o", "let a = 7; with (o) { return a; }")({ a: 1, get [Symbol.unscopables]() { return { a: true }; } });
