// A repetition of what may be empty ends.
// expect: passes true
return /^(?:a?)*?$/.test("aaa") && /(?:)*$/.test("a");
