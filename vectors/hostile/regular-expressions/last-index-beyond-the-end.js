// A position behind the end is a failure and no read out of bounds.
// expect: passes false 0
const all = /a/g; all.lastIndex = 2 ** 31;
return `${all.test("aaa")} ${all.lastIndex}`;
