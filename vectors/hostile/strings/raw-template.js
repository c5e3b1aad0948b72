// The tag that leaves escapes alone reads lengths that lie.
// expect: contract.out_of_memory
return String.raw({ raw: { length: 2 ** 53 - 1, get 0() { return ""; } } });
