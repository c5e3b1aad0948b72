// Two texts of one half each are whole together.
// expect: passes 😀 true
const pair = "\ud83d".concat("\ude00");
return `${pair} ${pair.isWellFormed()}`;
