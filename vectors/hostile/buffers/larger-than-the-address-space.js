// A length beyond what the interpreter can address is a range error, before any memory is asked for.
// expect: contract.failed RangeError
return new ArrayBuffer(Number.MAX_SAFE_INTEGER).byteLength;
