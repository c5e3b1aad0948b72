// The sign that processors give to a meaningless result differs between them; it must not be seen.
// expect: passes 7ff8000000000000 7ff8000000000000
const bits = (n) => new BigUint64Array(Float64Array.of(n).buffer)[0].toString(16);
const huge = Number.MAX_VALUE * 10;
return `${bits(huge - huge)} ${bits(huge * 0)}`;
