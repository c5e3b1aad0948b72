// An infinite side wins over one that is no number.
// expect: passes Infinity NaN 0
return [Math.hypot(NaN, -Infinity), Math.hypot(NaN, 1), Math.hypot()].join(" ");
