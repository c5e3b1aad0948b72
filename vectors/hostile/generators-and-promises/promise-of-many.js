// All of an endless list of promises.
// expect: contract.out_of_memory
Promise.all((function* () { for (;;) yield 1; })());
