// An entry of a map.
// expect: passes bytes 22 05 0a 01 61 10 01
// form: message
const key = [0x0a, 1, 0x61], value = [0x10, 1];
return Uint8Array.from([0x22, key.length + value.length, ...key, ...value]);
