// Bytes over words of floats come out in the one order.
// expect: passes bytes 00 00 00 00 00 00 f0 3f
// form: bytes
return new Uint8Array(Float64Array.of(1).buffer);
