// Asking for a lax decoder gives a strict one.
// expect: contract.failed TypeError
const lax = new TextDecoder("utf-8", { fatal: false });
return lax.decode(Uint8Array.of(0xff));
