// A text is read as a whole number first; one that is none is never equal.
// expect: passes true false false
return `${1n == "0x1"} ${1n == "1n"} ${1n < "x"}`;
