// A queue that grows for ever.
// expect: contract.out_of_memory
const it = (async function* () { await new Promise(() => {}); })();
for (;;) it.next();
