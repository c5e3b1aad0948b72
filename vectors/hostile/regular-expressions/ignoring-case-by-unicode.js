// The long s and the Kelvin sign fold to plain letters only with the flag.
// expect: passes true false
return `${/^[sk]+$/iu.test("\u017f\u212a")} ${/^[sk]+$/i.test("\u017f\u212a")}`;
