// Bits of negative numbers go on for ever to the left.
// expect: passes -4 -2 1 -19
return [-4n & -3n, -4n | 2n, -4n ^ -3n, ~18n].join(" ");
