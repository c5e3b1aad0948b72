// So do signs before signs.
// expect: contract.stack_overflow
return eval("1".padStart(200001, "- "));
