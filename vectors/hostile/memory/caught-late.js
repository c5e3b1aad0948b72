// Not where something could be let go of first.
// expect: contract.out_of_memory
let kept = [];
try { for (;;) kept.push(new Uint8Array(65536)); } catch { kept = []; } finally { kept = []; }
return "went on";
