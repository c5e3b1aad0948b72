// A class of eight hundred ranges is work to make and to ask.
// expect: passes true
let text = "";
for (let i = 0; i < 800; i++) text += `\\u{${(0x20000 + i * 3).toString(16)}}`;
return new RegExp(`^[${text}]$`, "u").test("\u{20003}");
