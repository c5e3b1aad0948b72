// The same by way of the constructor.
// expect: contract.failed TypeError
const set = (o, path, value) => { const keys = path.split("."); const last = keys.pop(); keys.reduce((at, key) => at[key], o)[last] = value; };
set({}, "constructor.prototype.polluted", 1);
