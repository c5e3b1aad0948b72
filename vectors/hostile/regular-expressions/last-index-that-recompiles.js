// The expression is compiled anew while it is asked for its position: old code must not run.
// expect: passes b
const one = /a/g;
one.lastIndex = { valueOf() { one.compile("b", "g"); return 0; } };
const found = one.exec("ab");
return found[0];
