// A write that sloppy code makes to it is lost without a word.
// expect: passes undefined
return new Function(`this.leaked = 1; return typeof leaked`)();
