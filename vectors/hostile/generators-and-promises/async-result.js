// What an async function gives is a promise and no bytes.
// expect: contract.failed TypeError
// form: bytes
return (async () => new Uint8Array(1))();
