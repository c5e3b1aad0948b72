// The arguments of a call, kept.
// expect: contract.out_of_memory
const kept = [];
(function f() { for (;;) kept.push((function () { return arguments; })(1, 2, 3)); })();
