// A property of letters is from the interpreter's own tables, not the machine's.
// expect: passes 3
return "aßЖ1-".match(/\p{L}/gu).length;
