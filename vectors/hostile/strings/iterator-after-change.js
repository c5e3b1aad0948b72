// Walking through a text is by what it was.
// expect: passes a,b
let text = "ab"; const seen = [];
for (const letter of text) { seen.push(letter); text += "!"; }
return seen.join();
