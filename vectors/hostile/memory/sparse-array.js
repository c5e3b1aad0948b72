// An element far away makes no array of that length.
// expect: passes 4294967295 1
const list = []; list[2 ** 32 - 2] = 1;
return `${list.length} ${Object.keys(list).length}`;
