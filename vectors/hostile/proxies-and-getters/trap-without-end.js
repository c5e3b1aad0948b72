// A trap is code that is paid.
// expect: contract.out_of_fuel
return new Proxy({}, { get() { for (;;); } }).x;
