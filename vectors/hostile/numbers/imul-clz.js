// Products and leading zeros of 32 bits.
// expect: passes -5 1 32 0
return [Math.imul(0xffffffff, 5), Math.imul(0xffffffff, 0xffffffff), Math.clz32(0), Math.clz32(-1)].join(" ");
