// Something that only looks like bytes is not decoded.
// expect: contract.failed TypeError
return new TextDecoder().decode(new Proxy(new Uint8Array(1), {}));
