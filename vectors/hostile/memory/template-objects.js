// The texts of tagged templates in code made again and again.
// expect: contract.out_of_memory
const kept = [];
for (;;) kept.push(new Function("t", "return t`a${1}b${2}c`")((parts) => parts));
