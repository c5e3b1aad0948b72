// The functions of the prelude lead nowhere else.
// expect: contract.no_authority require
return TextEncoder.constructor("return require('fs')")();
