// A default that touches what is denied is refused when it runs.
// expect: contract.no_authority process
return new Function("a = process.exit(1)", "return a")();
