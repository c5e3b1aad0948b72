// A value that is another one each time it is asked.
// expect: passes true
let n = 0;
const odd = { [Symbol.toPrimitive]: () => ++n };
return odd == 1 && odd == 2 && odd == 3;
