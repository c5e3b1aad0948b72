// And those of a subclass that lies about its length.
// expect: passes bytes 05 06
// form: bytes
class Long extends Uint8Array { get length() { return 1e9; } get byteLength() { return 1; } }
return new Long([5, 6]);
