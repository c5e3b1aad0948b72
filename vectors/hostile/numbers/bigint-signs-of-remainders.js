// A remainder has the sign of what was divided.
// expect: passes -1 1 -3
return `${-7n % 3n} ${7n % -3n} ${-7n / 2n}`;
