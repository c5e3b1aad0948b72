// Nor can it be seen by a reference that fades.
// expect: contract.no_authority WeakRef
let gone = 0;
for (let i = 0; i < 10; i++) if (new WeakRef({}).deref() === undefined) gone++;
