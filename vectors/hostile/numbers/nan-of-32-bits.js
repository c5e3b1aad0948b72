// The same for half the width, by a square root of a negative number.
// expect: passes 7fc00000
return new Uint32Array(Float32Array.of(Math.sqrt(-1)).buffer)[0].toString(16);
