// Nor can the prelude's own door be found by who called.
// expect: contract.failed TypeError
// form: bytes
function seek() { return seek.caller; }
return seek();
