// Precision rounds the exact value.
// expect: passes 1e+2 0.00001235 1.3e-7
return [(123).toPrecision(1), 0.000012345678.toPrecision(4), 0.00000012500001.toPrecision(2)].join(" ");
