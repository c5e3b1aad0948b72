// A revoked proxy still says that it is a function; calling it fails.
// expect: contract.failed TypeError
// form: module
const made = Proxy.revocable(() => new Uint8Array(1), {});
made.revoke();
export const describe = () => "", load = () => {}, call = made.proxy;
