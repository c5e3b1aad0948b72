// An heir may have its own of what is frozen above.
// expect: passes own
const o = {}; o.toString = () => "own";
return o;
