// One to the power of anything unknown is unknown.
// expect: passes NaN NaN 1 -Infinity
return [1 ** Infinity, (-1) ** -Infinity, NaN ** 0, (-0) ** -3].join(" ");
