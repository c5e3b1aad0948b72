// A symbol is no result, and no trouble.
// expect: contract.failed TypeError
// form: bytes
return Symbol.iterator;
