// There is no chance.
// expect: contract.no_authority Math.random
return Math.random();
