// Doubling again and again ends at the longest integer, with an error that can be caught.
// expect: passes RangeError
let n = 1n << 1000000n;
try { for (;;) n <<= 50000n; } catch (error) { return error.name; }
