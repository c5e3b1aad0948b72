// Some hundred calls fit.
// expect: passes 45150
const sum = (n) => (n === 0 ? 0 : n + sum(n - 1));
return sum(300);
