// Bound functions upon bound functions.
// expect: contract.out_of_memory
let f = function () {};
for (;;) f = f.bind(null, f);
