// Nor say that it takes no more properties where its target does.
// expect: contract.failed TypeError
return Object.isExtensible(new Proxy({}, { isExtensible: () => false }));
