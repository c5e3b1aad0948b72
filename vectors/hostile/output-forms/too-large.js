// More than allowed.
// expect: contract.output_too_large
// form: bytes
return new Uint8Array(256 * 1024 + 1);
