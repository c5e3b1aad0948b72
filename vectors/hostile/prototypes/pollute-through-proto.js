// Not by the old name of the prototype either.
// expect: contract.failed TypeError
({}).__proto__.isAdmin = true;
