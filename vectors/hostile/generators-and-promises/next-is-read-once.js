// The method is read when a loop begins: replacing it changes nothing.
// expect: passes 1,2
const it = [1, 2][Symbol.iterator]();
const own = { next: () => it.next(), [Symbol.iterator]() { return this; } };
const seen = [];
for (const n of own) { seen.push(n); own.next = () => ({ done: false, value: 9 }); }
return seen.join();
