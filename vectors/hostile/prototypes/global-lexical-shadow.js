// A module may name a variable like a built-in object; only it sees that.
// expect: passes [object Object] object
const JSON = {};
return `${JSON} ${typeof globalThis.JSON}`;
