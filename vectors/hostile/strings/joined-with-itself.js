// An array that contains itself has no text; the standard knows no way out, and the stack is one.
// expect: contract.stack_overflow
const list = [1]; list.push(list, 2);
return list.join();
