// A flag for a part only.
// expect: passes true false
return `${/^(?i:a)b$/.test("Ab")} ${/^(?i:a)b$/.test("AB")}`;
