// A flat chain of additions is long work and no recursion.
// expect: passes 20000
return eval("1" + "+1".repeat(19999));
