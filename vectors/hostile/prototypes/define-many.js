// Nor many at once.
// expect: contract.failed TypeError
Object.defineProperties(Reflect, { apply: { value: () => 1 } });
