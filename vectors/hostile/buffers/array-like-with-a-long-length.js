// Something that says it is very long is not believed for free.
// expect: contract.failed RangeError
return new Uint8Array({ length: 2 ** 40 }).length;
