// In sloppy code the arguments object and a parameter are one place.
// expect: passes 2
return new Function("a", "arguments[0] = 2; return a")(1);
