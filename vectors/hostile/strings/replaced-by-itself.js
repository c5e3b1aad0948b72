// Each replacement makes the text a thousand times as long.
// expect: contract.out_of_memory
let text = "aa";
for (;;) text = text.replaceAll("a", "a".repeat(1000));
