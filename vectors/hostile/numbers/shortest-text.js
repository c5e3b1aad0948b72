// The shortest text that reads back, at both ends of the range.
// expect: passes 5e-324 1.7976931348623157e+308 1e+21 100000000000000000000
return [Number.MIN_VALUE, Number.MAX_VALUE, 1e21, 1e20].join(" ");
