// Made whole on purpose, each half is the mark for the unknown.
// expect: passes a�b
return "a\udfffb".toWellFormed();
