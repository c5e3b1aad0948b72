// A view without elements can be frozen, and comes out.
// expect: passes bytes
// form: bytes
return Object.freeze(Object.seal(new Uint8Array(0)));
