// But leaving quietly, what the end gives is looked at.
// expect: contract.failed TypeError
const source = { [Symbol.iterator]: () => ({ next: () => ({ done: false }), return: () => 1 }) };
for (const _ of source) break;
