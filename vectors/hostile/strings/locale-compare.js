// No order of any country.
// expect: contract.no_authority String.prototype.localeCompare
return ["ä", "z"].sort((a, b) => a.localeCompare(b)).join();
