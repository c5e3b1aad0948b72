// What an iterator gives is an object.
// expect: contract.failed TypeError
for (const _ of { [Symbol.iterator]: () => ({ next: () => 1 }) });
