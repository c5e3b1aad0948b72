// A zero byte ends no text.
// expect: passes 3 a b
const text = "a\0b";
return `${new TextEncoder().encode(text).length} ${text.replace("\0", " ")}`;
