// Compiled regular expressions, kept.
// expect: contract.out_of_memory
const kept = [];
for (let i = 0; ; i++) kept.push(new RegExp(`[a-z]{1,9}x${i}(?:abc|def|ghi)+(?<name>y)`));
