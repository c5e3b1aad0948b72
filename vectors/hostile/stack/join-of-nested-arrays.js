// The text of nested arrays.
// expect: contract.stack_overflow
let list = [];
for (let i = 0; i < 4000; i++) list = [list];
return `${list}`;
