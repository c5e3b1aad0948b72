// A text that is no UTF-8.
// expect: contract.failed MalformedOutput
// form: message
return Uint8Array.from([0x12, 2]).constructor.from([0x12, 2, 0xc0, 0xaf]);
