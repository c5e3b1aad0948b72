// Copying by spreading does not.
// expect: passes undefined
return { ...JSON.parse('{"__proto__":{"x":1}}') }.x;
