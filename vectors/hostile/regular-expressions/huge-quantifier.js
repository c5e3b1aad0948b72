// A count beyond 32 bits is at most a very large one.
// expect: passes false
return /^a{2147483648,}$/.test("aaa");
