// A limit is no error: no promise takes it.
// expect: contract.stack_overflow
const deep = async () => { await deep(); };
deep().catch(() => "caught");
return "went on";
