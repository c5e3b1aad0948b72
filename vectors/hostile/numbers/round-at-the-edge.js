// The largest number below a half is not rounded up.
// expect: passes 0 9007199254740991
return `${Math.round(0.49999999999999994)} ${Math.round(9007199254740991)}`;
