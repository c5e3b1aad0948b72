// Normal forms are work.
// expect: contract.out_of_fuel
const text = "\u1e9b\u0323".repeat(2000);
let all = 0;
for (;;) all += text.normalize("NFKC").length;
