// A group inside of a negative lookahead is empty behind it.
// expect: passes undefined
return String(/(?!(b))a/.exec("a")[1]);
