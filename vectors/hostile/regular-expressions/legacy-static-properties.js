// What was matched last is remembered nowhere for others to read.
// expect: passes undefined
/secret/.exec("a secret");
return String(RegExp.lastMatch ?? RegExp["$&"]);
