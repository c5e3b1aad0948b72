// A negative position is the beginning.
// expect: passes 1
const all = /a/g; all.lastIndex = -5; all.test("aaa");
return all.lastIndex;
