// A field under a wire type that its declaration never has.
// expect: contract.failed MalformedOutput
// form: message
return Uint8Array.of(0x0a, 1).slice();
