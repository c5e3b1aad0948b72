// Fields in another order.
// expect: contract.failed MalformedOutput
// form: message
const [text, number] = [[0x12, 1, 0x61], [0x08, 1]];
return new Uint8Array([...text, ...number]);
