// Nor can the function that makes denials be called with a name of one's own.
// expect: contract.failed TypeError
let refuse;
Reflect.set(Error, "prepareStackTrace", (error, sites) => { refuse ??= sites[0].getFunction(); });
try { process; } catch { /* seen by the hook */ }
refuse("anything");
