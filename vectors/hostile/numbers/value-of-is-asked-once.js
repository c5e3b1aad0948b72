// A number made of an object is asked in order, once.
// expect: passes valueOf,toString 7
const asked = [];
const o = { valueOf() { asked.push("valueOf"); return {}; }, toString() { asked.push("toString"); return "7"; } };
const n = +o;
return `${asked.join()} ${n}`;
