// Arguments that grow: what all the calls hold together is the square of their number.
// expect: contract.out_of_memory
const f = (...all) => f(...all, ...all.slice(0, 3), 1);
return f();
