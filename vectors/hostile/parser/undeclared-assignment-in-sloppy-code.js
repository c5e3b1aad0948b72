// In sloppy code it would make one, but the global object is frozen: the assignment is lost.
// expect: passes undefined
return new Function(`leaked = 1; return typeof leaked`)();
