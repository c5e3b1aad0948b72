// Padding with nothing changes nothing.
// expect: passes x
return "x".padEnd(2 ** 31 - 1, "");
