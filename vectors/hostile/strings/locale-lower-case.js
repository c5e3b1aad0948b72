// No letters of any country, however the method is reached.
// expect: contract.no_authority String.prototype.toLocaleLowerCase
return Reflect.apply("".toLocaleLowerCase, "I", ["tr"]);
