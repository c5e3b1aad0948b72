// Digits behind the point are of the exact value.
// expect: passes 1.00 1.01 1000000000000000128.0 0.50000000000000000000
return [1.005.toFixed(2), 1.006.toFixed(2), 1000000000000000128..toFixed(1), .5.toFixed(20)].join(" ");
