// A name with an escape is the name without one: no second door to what is denied.
// expect: contract.no_authority process
return \u0070rocess.env;
