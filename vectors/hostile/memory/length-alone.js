// Nor does a length.
// expect: passes 4294967295
const list = []; list.length = 2 ** 32 - 1;
return list.length;
