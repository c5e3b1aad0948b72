// Nor does JSON write it, but it reads it.
// expect: passes 0 true
return `${JSON.stringify(-0)} ${Object.is(JSON.parse("-0"), -0)}`;
