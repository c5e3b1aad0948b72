// In strict code they are two.
// expect: passes 1
return (function (a) { arguments[0] = 2; return a; })(1);
