// Half precision rounds once, not twice.
// expect: passes 65504 Infinity 0
return [65519, 65520, 2 ** -25].map(Math.f16round).join(" ");
