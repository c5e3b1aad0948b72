// Groups upon groups.
// expect: contract.output_too_large
// form: message
return Uint8Array.from({ length: 100000 }, (_, i) => (i < 50000 ? 0x7b : 0x7c));
