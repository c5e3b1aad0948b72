// A text built letter by letter from the right is flattened without recursion.
// expect: passes 100000 z
let text = "";
for (let i = 0; i < 100000; i++) text = (i === 0 ? "z" : "a") + text;
return `${text.length} ${text.at(-1)}`;
