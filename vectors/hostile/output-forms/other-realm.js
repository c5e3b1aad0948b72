// There is no other realm whose bytes would be others.
// expect: passes true
return new Function("return Uint8Array")() === Uint8Array && (0, eval)("Uint8Array") === Uint8Array;
