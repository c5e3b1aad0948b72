// The same while it is filled.
// expect: passes 7,7,7
const list = [1, 2, 3];
list.fill(7, { valueOf() { list.length = 1; return 0; } });
return list.join();
