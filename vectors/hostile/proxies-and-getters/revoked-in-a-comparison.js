// Revoked in the middle of sorting.
// expect: contract.failed TypeError
const made = Proxy.revocable([3, 2, 1], {});
made.proxy.sort((a, b) => { made.revoke(); return a - b; });
