// A list of numbers one by one, where it is packed.
// expect: contract.failed MalformedOutput
// form: message
return Uint8Array.of(...[1, 2].map((n) => [0x18, n]).flat());
