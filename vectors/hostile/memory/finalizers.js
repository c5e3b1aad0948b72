// Nobody is told when memory is let go of.
// expect: contract.no_authority FinalizationRegistry
new FinalizationRegistry(() => { throw new Error("seen"); }).register({}, 1);
