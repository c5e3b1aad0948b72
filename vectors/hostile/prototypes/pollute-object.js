// Nothing is added to what all objects inherit.
// expect: contract.failed TypeError
Object.prototype.isAdmin = true;
