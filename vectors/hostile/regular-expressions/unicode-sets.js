// Sets are subtracted and met with the flag v.
// expect: passes true false
return `${/^[\w--\d]$/v.test("a")} ${/^[\w--\d]$/v.test("7")}`;
