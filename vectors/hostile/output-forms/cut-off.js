// A message that ends in the middle of a field.
// expect: contract.failed MalformedOutput
// form: message
const whole = [0x12, 5, 0x61, 0x62];
return Uint8Array.from(whole);
