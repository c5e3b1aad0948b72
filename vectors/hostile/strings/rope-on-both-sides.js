// And from both sides.
// expect: passes 6001 m
let text = "m";
for (let i = 0; i < 3000; i++) text = `<${text}>`;
return `${text.length} ${text[3000]}`;
