// Functions made of text that make functions of text.
// expect: contract.stack_overflow
const make = new Function("make", "return new Function('make', 'return make(make)')(make)");
return make(make);
