// Nor by definition.
// expect: contract.failed TypeError
Object.defineProperty(String.prototype, "slice", { value: () => "short" });
