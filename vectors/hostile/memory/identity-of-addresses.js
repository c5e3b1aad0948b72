// No order or text of objects shows where they lie.
// expect: passes [object Object]
const o = {};
return [o, {}, []].sort()[1] === o || String(o) === "[object Object]" ? String(o) : "an address";
