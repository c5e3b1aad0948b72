// Copying by assignment makes a prototype of it again, of the copy alone.
// expect: passes 1 undefined
const copy = Object.assign({}, JSON.parse('{"__proto__":{"x":1}}'));
return `${copy.x} ${{}.x}`;
