// A match of many turns needs memory and no stack, or is ended.
// expect: passes true
return /^(?:a|b)*$/.test("ab".repeat(50000));
