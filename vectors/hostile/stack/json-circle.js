// JSON of a circle is refused as such, before the stack ends.
// expect: contract.failed TypeError
const o = {}; o.list = [{ o }];
return JSON.stringify(o);
