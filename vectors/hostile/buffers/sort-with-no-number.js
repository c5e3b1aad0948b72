// Numbers that are none come last, the negative zero first.
// expect: passes -Infinity,-0,0,1,NaN
const sorted = Float64Array.of(NaN, 1, 0, -0, -Infinity).sort();
return Array.from(sorted, (n) => (Object.is(n, -0) ? "-0" : String(n))).join();
