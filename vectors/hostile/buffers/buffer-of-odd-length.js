// And its buffer has whole words.
// expect: contract.failed RangeError
return new Uint16Array(new ArrayBuffer(7)).length;
