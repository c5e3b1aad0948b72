// Asking whether an argument is to be spread empties the receiver, whose elements were copied before.
// expect: passes 4
const list = [1, 2, 3];
const other = { get [Symbol.isConcatSpreadable]() { list.length = 0; return false; } };
return list.concat(other).length;
