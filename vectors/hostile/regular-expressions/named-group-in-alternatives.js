// Then the one that matched gives the value.
// expect: passes y
return /(?<a>x)|(?<a>y)/.exec("y").groups.a;
