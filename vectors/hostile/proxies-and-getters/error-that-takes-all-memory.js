// Or whose message takes all memory.
// expect: contract.out_of_memory
throw { get message() { const all = []; for (;;) all.push({}); } };
