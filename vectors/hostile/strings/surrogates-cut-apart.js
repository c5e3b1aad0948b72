// Cutting by units takes a pair apart.
// expect: contract.failed TypeError
return "😀!".slice(1);
