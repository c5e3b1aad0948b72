// Single precision.
// expect: passes 16777216 1.401298464324817e-45 Infinity
return [16777217, 1e-45, 3.5e38].map(Math.fround).join(" ");
