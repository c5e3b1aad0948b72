// Reading a whole number stops at the first letter, which hides mistakes.
// expect: passes 1 NaN 5 255 0
return [parseInt("1e3"), parseInt(""), parseInt(0.0000005), parseInt("0xff"), parseInt("0b1")].join(" ");
