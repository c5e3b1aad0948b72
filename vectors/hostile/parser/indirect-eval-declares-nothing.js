// Indirect evaluation would declare on the frozen global object.
// expect: contract.failed TypeError
(0, eval)("var declared = 1");
