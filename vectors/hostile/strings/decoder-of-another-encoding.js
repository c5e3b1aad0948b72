// There is one encoding.
// expect: contract.failed RangeError
return new TextDecoder("utf-16le");
