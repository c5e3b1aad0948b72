// A code point beyond the last.
// expect: contract.failed RangeError
return String.fromCodePoint(0x110000);
