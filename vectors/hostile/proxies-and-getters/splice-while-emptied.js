// The start of a splice is asked for by an object that empties the array.
// expect: passes 0 3
const list = [1, 2, 3];
const cut = list.splice({ valueOf() { list.length = 0; return 0; } }, 3);
return `${list.length} ${cut.length}`;
