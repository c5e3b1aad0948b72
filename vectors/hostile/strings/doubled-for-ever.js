// A text that doubles: it is too long long before anything was copied.
// expect: contract.out_of_memory
let text = "x";
try { for (;;) text = text + text; } catch { return "caught"; }
