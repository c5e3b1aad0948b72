// Reading JSON gives a property of that name and no prototype.
// expect: passes true undefined
const o = JSON.parse('{"__proto__":{"x":1}}');
return `${Object.hasOwn(o, "__proto__")} ${o.x}`;
