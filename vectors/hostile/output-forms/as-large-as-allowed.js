// As much as allowed.
// expect: passes 262144 bytes
// form: bytes
return new Uint8Array(256 * 1024).fill(0);
