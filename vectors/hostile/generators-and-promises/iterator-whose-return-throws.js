// An error of the loop wins over one of the iterator's end.
// expect: contract.failed RangeError
const source = { [Symbol.iterator]: () => ({ next: () => ({ done: false }), return() { throw new TypeError("end"); } }) };
for (const _ of source) throw new RangeError("loop");
