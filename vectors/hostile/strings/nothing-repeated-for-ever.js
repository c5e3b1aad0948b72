// Nothing, as often as one likes, is nothing.
// expect: passes 0
return "".repeat(2 ** 31 - 1).length;
