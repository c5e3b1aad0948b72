// Zero has a sign that its text does not show.
// expect: passes 0 -Infinity
return `${-0} ${1 / -0}`;
