// A reference to a group that has not matched is empty.
// expect: passes true
return /^\1(a)$/.test("a");
