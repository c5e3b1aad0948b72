// Classes made in a loop.
// expect: contract.out_of_memory
const kept = [];
for (;;) kept.push(class { a = 1; static b = 2; get c() { return 3; } });
