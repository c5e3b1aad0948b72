// The deep merge of a careless library, with a key from a document.
// expect: contract.failed TypeError
const merge = (to, from) => { for (const key in from) { if (typeof from[key] === "object") merge(to[key] ??= {}, from[key]); else to[key] = from[key]; } return to; };
merge({}, JSON.parse('{"__proto__":{"polluted":1}}'));
