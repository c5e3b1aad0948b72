// Two halves in the wrong order are two halves.
// expect: contract.failed TypeError
return "\udc00" + "\ud800";
