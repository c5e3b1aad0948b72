// The text of anything is made of its two properties.
// expect: passes /a/b
return RegExp.prototype.toString.call({ source: "a", flags: "b" });
