// Asking for the type is no way around the dead zone.
// expect: contract.failed ReferenceError
const type = typeof hidden;
let hidden;
return type;
