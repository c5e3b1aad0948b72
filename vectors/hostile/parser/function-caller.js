// Nor does a function tell.
// expect: passes denied
function inner() { try { return String(inner.caller); } catch { return "denied"; } }
return inner();
