// A zero byte does not end the source: what stands behind it is still parsed.
// expect: contract.failed SyntaxError
return eval("1\u0000; for (;;);");
