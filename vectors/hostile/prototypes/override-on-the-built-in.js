// But not the built-in one, by the accessor that lets heirs do so.
// expect: contract.failed TypeError
Object.prototype.hasOwnProperty = () => true;
