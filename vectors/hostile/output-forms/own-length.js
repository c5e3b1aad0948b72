// An own length is not asked.
// expect: passes bytes 07
// form: bytes
return Object.defineProperty(Uint8Array.of(7), "length", { get() { for (;;); } });
