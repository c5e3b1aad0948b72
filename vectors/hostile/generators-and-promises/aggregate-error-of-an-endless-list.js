// The errors of an aggregate are collected from what never ends.
// expect: contract.out_of_memory
throw new AggregateError((function* () { for (;;) yield new Uint8Array(10000); })());
