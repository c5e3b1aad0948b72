// With the flag, half a pair does not match inside of a pair.
// expect: passes true false
return `${/\ud83d/.test("\ud83d\ude00")} ${/\ud83d/u.test("\ud83d\ude00")}`;
