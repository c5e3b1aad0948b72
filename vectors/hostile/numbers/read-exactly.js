// A text between two numbers goes to the nearer one; at the middle, a digit behind the point decides.
// expect: passes 9007199254740992 9007199254740994
return `${Number("9007199254740993")} ${Number("9007199254740993.0001")}`;
