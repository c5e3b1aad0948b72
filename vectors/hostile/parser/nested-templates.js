// Templates inside of templates recurse in the parser.
// expect: contract.stack_overflow
const open = "`${", close = "}`";
return eval(`${open.repeat(1e5)}1${close.repeat(1e5)}`);
