// A function gives bytes; nothing is none.
// expect: contract.failed TypeError
// form: bytes
return;
