// Two that call each other.
// expect: contract.stack_overflow
const even = (n) => odd(n - 1) || n, odd = (n) => even(n - 1) || n;
return even(1e9);
