// A sticky expression begins anew after it failed.
// expect: passes 0
const word = /foo/y; word.lastIndex = 3; word.test("foofo");
return word.lastIndex;
