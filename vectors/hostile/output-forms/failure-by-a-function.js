// A function thrown is told by its name.
// expect: contract.failed boom
throw function boom() {};
