// The accessor on a proxy defines on the proxy, whose trap sees it and may refuse.
// expect: contract.failed TypeError
new Proxy({}, { defineProperty: () => false }).toString = 1;
