// A proxy that was revoked answers nothing.
// expect: contract.failed TypeError
const { proxy, revoke } = Proxy.revocable([], {}); revoke();
return Array.isArray(proxy);
