// But an own array may name another; copying then goes there.
// expect: passes true
const list = [1, 2]; const kept = {};
list.constructor = { [Symbol.species]: function () { return kept; } };
return list.map((n) => n * 2) === kept && kept[1] === 4;
