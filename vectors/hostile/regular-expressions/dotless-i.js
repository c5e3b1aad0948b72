// No locale makes the dotless i fold to I.
// expect: passes false false
return `${/\u0131/i.test("I")} ${/\u0131/iu.test("I")}`;
