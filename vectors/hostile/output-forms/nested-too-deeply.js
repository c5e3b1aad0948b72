// Messages in messages, beyond what readers go into.
// expect: contract.output_too_large
// form: message
let bytes = [];
const length = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...length(n >>> 7)]);
for (let i = 0; i < 300; i++) bytes = [0x2a, ...length(bytes.length), ...bytes];
return Uint8Array.from(bytes);
