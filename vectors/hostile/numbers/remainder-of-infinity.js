// Remainders keep the sign of zero.
// expect: passes 5 NaN -0
return `${5 % Infinity} ${Infinity % 5} ${Object.is(-4 % 2, -0) ? "-0" : "0"}`;
