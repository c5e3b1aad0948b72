// Nor clamped ones.
// expect: contract.failed TypeError
// form: bytes
return new Uint8ClampedArray([1, 2]);
