// But not on frozen built-in objects: a private field is an addition too.
// expect: contract.failed TypeError
class Give { constructor(o) { return o; } }
class Stamp extends Give { #mark = 1; static read(o) { return o.#mark; } }
new Stamp(Array.prototype);
return `${Stamp.read(Array.prototype)} ${Reflect.ownKeys(Array.prototype).every((key) => key !== "#mark")}`;
