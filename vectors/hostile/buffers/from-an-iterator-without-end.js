// Elements are collected before a view is made.
// expect: contract.out_of_memory
return Uint8Array.from((function* () { for (;;) yield 1; })()).length;
