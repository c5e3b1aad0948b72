// There is no field of number zero.
// expect: contract.failed MalformedOutput
// form: message
return Uint8Array.of(0, 0);
