// A class that extends what it makes in its heritage.
// expect: contract.stack_overflow
const make = () => class extends make() {};
return make();
