// The other way leaves the sign alone.
// expect: passes -1 0
return `${-5n >> (1n << 70n)} ${5n >> (1n << 70n)}`;
