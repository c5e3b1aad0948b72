// A flag that is neither 0 nor 1.
// expect: contract.failed MalformedOutput
// form: message
const flag = [0x30]; flag.push(2);
return Uint8Array.from(flag);
