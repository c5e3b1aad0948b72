// A computed name makes an own property and no prototype.
// expect: passes true
const o = { ["__proto__"]: null };
return Object.hasOwn(o, "__proto__") && Object.getPrototypeOf(o) === Object.prototype;
