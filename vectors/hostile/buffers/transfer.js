// A buffer cannot be taken away from its views.
// expect: contract.failed TypeError
const bytes = new Uint8Array(8);
bytes.buffer.transfer(0);
return bytes[0];
