// An object around a text may have more properties, but not other letters.
// expect: passes 3 x abc
const text = Object.assign(new String("abc"), { more: "x" });
return `${text.length} ${text.more} ${text}`;
