// Units are taken modulo 2^16.
// expect: passes A 0
return `${String.fromCharCode(65536 + 65)} ${String.fromCharCode(-65536).charCodeAt(0)}`;
