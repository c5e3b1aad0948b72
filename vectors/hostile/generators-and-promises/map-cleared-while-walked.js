// A map emptied while it is walked ends the walk.
// expect: passes 1
const map = new Map([[1, 1], [2, 2]]);
let n = 0;
map.forEach(() => { n++; map.clear(); });
return n;
