// The old pair takes surrogates apart and together.
// expect: passes %uD83D%uDE00 true
return `${escape("😀")} ${unescape("%uD83D%uDE00") === "😀"}`;
