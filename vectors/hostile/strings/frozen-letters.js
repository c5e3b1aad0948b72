// Letters of a text cannot be assigned.
// expect: contract.failed TypeError
const text = "abc";
text[0] = "x";
